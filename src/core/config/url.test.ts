import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, FIELD_NAMES, type FieldName, fieldMeta, runConfigSchema } from './schema'
import { configFromQuery, configToQuery } from './url'

describe('the address', () => {
  it('is empty for the defaults and holds only what differs', () => {
    expect(configToQuery(DEFAULT_CONFIG)).toBe('')
    expect(configToQuery({ ...DEFAULT_CONFIG, sam_rho: 0.05, num_train_examples: null, runs: '' })).toBe(
      'sam_rho=0.05&runs=&num_train_examples=',
    )
  })

  it('leaves the command line’s own settings out, and says so when one comes in', () => {
    expect(configToQuery({ ...DEFAULT_CONFIG, output_dir: '/home/me' })).toBe('')
    const { config, messages } = configFromQuery('?output_dir=/etc')
    expect(config).toEqual(DEFAULT_CONFIG)
    expect(messages).toEqual(['output_dir: only the command line has this setting; it is ignored.'])
  })

  it('carries the list of runs, and reads what earlier versions asked for with `compare`', () => {
    const runs = 'sam_rho:0;sam_rho:0.05;sam_rho:0.2'
    expect(configFromQuery(configToQuery({ ...DEFAULT_CONFIG, runs })).config.runs).toBe(runs)
    expect(configFromQuery('compare=false&sam_rho=0.1')).toEqual({
      config: { ...DEFAULT_CONFIG, runs: '', sam_rho: 0.1 },
      messages: [],
    })
    expect(configFromQuery('compare=true').config).toEqual(DEFAULT_CONFIG)
    expect(configFromQuery('runs=sam_rho:999;').messages).toEqual([
      'runs: sam_rho: number, 0 to 100, got "999"; the default, sam_rho:0;, is used.',
    ])
  })

  it('names every value it did not take and keeps the others', () => {
    const { config, messages } = configFromQuery('sam_rho=-1&batch_size=32&colour=red&batch_size=16')
    expect(config).toEqual({ ...DEFAULT_CONFIG, batch_size: 32 })
    expect(messages).toEqual([
      'sam_rho: number, 0 to 100, got "-1"; the default, 0.2, is used.',
      'colour: no such setting; it is ignored.',
      'batch_size: only once in the address; the first value is used.',
    ])
  })

  it('never throws and always gives a valid config', () => {
    const key = fc.oneof(fc.constantFrom<string>(...FIELD_NAMES, '__proto__', 'constructor'), fc.string())
    const value = fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(fc.tuple(key, value)).map(asQuery)), (query) => {
        const { config, messages } = configFromQuery(query)
        expect(runConfigSchema.parse(config)).toEqual(config)
        expect(messages.every((message) => message.includes(':'))).toBe(true)
      }),
    )
  })

  it('gives back any config that a page can have', () => {
    fc.assert(
      fc.property(arbitraryConfig(), (config) => {
        expect(configFromQuery(configToQuery(config))).toEqual({ config, messages: [] })
      }),
    )
  })
})

function asQuery(pairs: [string, string][]): string {
  return new URLSearchParams(pairs).toString()
}

function arbitraryConfig() {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((x) => x + 0)
  const some: Partial<Record<FieldName, fc.Arbitrary<unknown>>> = {
    model_name: fc.constantFrom('mlp', 'cnn_small', 'WideResnet_mini'),
    sam_rho: number(0, 10),
    learning_rate: number(0, 10),
    weight_decay: number(0, 1),
    ema_decay: number(0, 0.999999),
    runs: fc.constantFrom(
      '',
      ';sam_rho:0',
      'sam_rho:0;sam_rho:0.05;sam_rho:0.2',
      'wide=mlp_layers:512%2C256;',
    ),
    use_rmsprop: fc.boolean(),
    lr_schedule: fc.constantFrom('cosine', 'exponential'),
    num_train_examples: fc.option(fc.integer({ min: 1, max: 2000000 })),
    num_eval_examples: fc.option(fc.integer({ min: 1, max: 2000000 })),
    run_seed: fc.integer({ min: 0, max: 4294967295 }),
    mlp_layers: fc.array(fc.integer({ min: 1, max: 99999 }), { minLength: 1, maxLength: 8 }).map(String),
  }
  expect(Object.keys(some).every((name) => !fieldMeta(name as FieldName).cliOnly)).toBe(true)
  return fc
    .record(some, { requiredKeys: [] })
    .map((values) => runConfigSchema.parse({ ...DEFAULT_CONFIG, ...values }))
}
