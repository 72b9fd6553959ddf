import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { costOf } from './cost'

describe('costOf', () => {
  it('is PRESETS.md’s count for the first visit: 2,340 steps each, 7,020 passes', () => {
    expect(costOf(DEFAULT_CONFIG)).toEqual({
      runs: 2,
      stepsPerEpoch: 78,
      steps: 2340,
      gradientEvaluations: 7020,
    })
  })

  it('counts one run of SGD when ρ is 0, whatever `compare` says', () => {
    expect(costOf({ ...DEFAULT_CONFIG, sam_rho: 0 })).toMatchObject({ runs: 1, gradientEvaluations: 2340 })
  })

  it('uses all images when none are named', () => {
    expect(costOf({ ...DEFAULT_CONFIG, num_train_examples: null, num_epochs: 1 }).steps).toBe(937)
  })
})
