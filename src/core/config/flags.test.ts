import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flagOf, flagText, readFlag, ruleOf } from './flags'
import { DEFAULT_CONFIG, FIELD_NAMES } from './schema'

describe('flags', () => {
  it('reads back the default of every field from its text', () => {
    for (const name of FIELD_NAMES) {
      expect(readFlag(name, flagText(DEFAULT_CONFIG[name])), name).toEqual({
        ok: true,
        value: DEFAULT_CONFIG[name],
      })
    }
  })

  it('takes the spellings of the reference’s flag library', () => {
    for (const text of ['true', 'True', 't', '1'])
      expect(readFlag('use_rmsprop', text)).toMatchObject({ value: true })
    for (const text of ['false', 'FALSE', 'f', '0']) {
      expect(readFlag('use_rmsprop', text)).toMatchObject({ value: false })
    }
    for (const [text, value] of [
      ['1e-3', 0.001],
      ['.05', 0.05],
      ['5.', 5],
      [' 2E0 ', 2],
    ] as const) {
      expect(readFlag('sam_rho', text)).toEqual({ ok: true, value })
    }
    for (const text of ['', 'none', 'None']) {
      expect(readFlag('num_train_examples', text)).toEqual({ ok: true, value: null })
    }
    expect(readFlag('num_epochs', 'none').ok).toBe(false)
    expect(readFlag('sam_rho', '-0')).toEqual({ ok: true, value: 0 })
    expect(readFlag('additional_checkpoints_at_epochs', '1, 20')).toEqual({ ok: true, value: [1, 20] })
  })

  it.each([
    ['sam_rho', '101', 'sam_rho: number, 0 to 100, got "101"'],
    ['sam_rho', '0x1', 'sam_rho: number, 0 to 100, got "0x1"'],
    ['sam_rho', '', 'sam_rho: number, 0 to 100, got ""'],
    ['sam_rho', 'NaN', 'sam_rho: number, 0 to 100, got "NaN"'],
    ['sam_rho', 'Infinity', 'sam_rho: number, 0 to 100, got "Infinity"'],
    ['batch_size', '1.5', 'batch_size: whole number, 1 to 4096, got "1.5"'],
    ['num_train_examples', '0', 'num_train_examples: whole number, 1 to 2000000, or none, got "0"'],
    ['use_rmsprop', 'maybe', 'use_rmsprop: true or false, got "maybe"'],
    ['lr_schedule', 'linear', 'lr_schedule: one of cosine, exponential, got "linear"'],
    ['mlp_layers', '0,5', 'mlp_layers: comma-separated sizes, as 256,128, got "0,5"'],
    ['num_replicas', '0', 'num_replicas: whole number, 1 to 4096, got "0"'],
    [
      'additional_checkpoints_at_epochs',
      '1,x',
      'additional_checkpoints_at_epochs: whole numbers, 0 or more, separated by commas, got "1,x"',
    ],
  ] as const)('%s=%s is refused with its rule', (name, text, message) => {
    expect(readFlag(name, text)).toEqual({ ok: false, message })
  })

  it('never throws, and what it takes it writes so that it can be read again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELD_NAMES),
        fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)),
        (name, text) => {
          const reading = readFlag(name, text)
          if (reading.ok) expect(readFlag(name, flagText(reading.value))).toEqual(reading)
          else expect(reading.message).toContain(name)
        },
      ),
    )
  })

  it('has a rule and a help text for every field', () => {
    for (const name of FIELD_NAMES) {
      const flag = flagOf(name)
      expect(ruleOf(flag)).not.toMatch(/undefined|NaN|9007199254740991/)
      expect(flag.help.length).toBeGreaterThan(10)
    }
  })
})
