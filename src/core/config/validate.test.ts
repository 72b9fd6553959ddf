import { describe, expect, it } from 'vitest'
import { findPreset, PRESETS } from './presets'
import { DEFAULT_CONFIG, runConfigSchema } from './schema'
import { checkConfig, differingFields } from './validate'

describe('settings together', () => {
  it('lets every preset start, each with settings of its own', () => {
    const configs = PRESETS.map(({ values }) => runConfigSchema.parse(values))
    for (const config of configs) expect(checkConfig(config)).toEqual([])
    expect(new Set(configs.map((config) => JSON.stringify(config))).size).toBe(PRESETS.length)
    expect(new Set(PRESETS.map(({ id }) => id)).size).toBe(PRESETS.length)
    expect(findPreset('first_visit')?.values).toEqual({})
  })

  it('refuses a batch that is larger than the training set', () => {
    const small = { ...DEFAULT_CONFIG, num_train_examples: 32 }
    expect(checkConfig(small)).toEqual([
      expect.stringMatching(/^batch_size: at most num_train_examples \(32\), got 64/),
    ])
    expect(checkConfig({ ...small, num_train_examples: null })).toEqual([])
  })

  it('takes any batch size for full-batch steps, which no replicas share', () => {
    const whole = { ...DEFAULT_CONFIG, full_batch: true, num_train_examples: 32 }
    expect(checkConfig(whole)).toEqual([])
    expect(checkConfig({ ...whole, num_replicas: 2 })).toEqual([
      expect.stringMatching(/^num_replicas: only 1 with full_batch, got 2/),
    ])
  })

  it('refuses an additional checkpoint that would never be written', () => {
    const late = { ...DEFAULT_CONFIG, additional_checkpoints_at_epochs: [0, 29, 30] }
    expect(checkConfig(late)).toEqual([expect.stringMatching(/below num_epochs \(30\), got 30/)])
  })

  it('knows which differences make another run', () => {
    const other = { ...DEFAULT_CONFIG, output_dir: 'x', perturbed_loss_every: 0, sam_rho: 0.1, run_seed: 1 }
    expect(differingFields(DEFAULT_CONFIG, other)).toEqual(['sam_rho', 'run_seed'])
  })
})
