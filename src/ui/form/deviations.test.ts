import { describe, expect, it } from 'vitest'
import { PRESETS } from '../../core/config/presets'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { deviationText, nearestPreset, wholePreset } from './deviations'

describe('nearestPreset', () => {
  it('finds every preset itself, whatever the seed', () => {
    for (const preset of PRESETS) {
      const { preset: found, differs } = nearestPreset({ ...wholePreset(preset), run_seed: 7 })
      expect([found.id, ...differs]).toEqual([preset.id])
    }
  })

  it('names what differs, with its value', () => {
    const config = { ...DEFAULT_CONFIG, num_epochs: 4, num_train_examples: null, use_test_set: false }
    const { preset, differs } = nearestPreset(config)
    expect(preset.id).toBe('first_visit')
    expect(deviationText(differs, config)).toBe('Epochs 4, Training images all, Use the test set off')
  })
})
