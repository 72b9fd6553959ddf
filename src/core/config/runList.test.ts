import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_RUNS, mayDiffer, type RunEntry, readRuns, runsText } from './runList'
import { FIELD_NAMES } from './schema'

const read = (text: string) => {
  const reading = readRuns(text)
  return reading.ok ? reading.runs : reading.message
}

describe('a list of runs', () => {
  it('is runs between semicolons, each by what is its own', () => {
    expect(read('')).toEqual([{ changes: {} }])
    expect(read('sam_rho:0;')).toEqual([{ changes: { sam_rho: 0 } }, { changes: {} }])
    expect(read('sam_rho:0; sam_rho:0.05 ;Far=sam_rho:.2,num_epochs:3')).toEqual([
      { changes: { sam_rho: 0 } },
      { changes: { sam_rho: 0.05 } },
      { label: 'Far', changes: { sam_rho: 0.2, num_epochs: 3 } },
    ])
    expect(read('a%3Bb=mlp_layers:512%2C256')).toEqual([{ label: 'a;b', changes: { mlp_layers: '512,256' } }])
    expect(read('num_train_examples:')).toEqual([{ changes: { num_train_examples: null } }])
  })

  it.each([
    ['sam_rho:101', 'runs: sam_rho: number, 0 to 100, got "101"'],
    ['rho:1', 'runs: flag:value with a setting of the page, got "rho:1"'],
    ['sam_rho', 'runs: flag:value with a setting of the page, got "sam_rho"'],
    ['runs:sam_rho', 'runs: flag:value with a setting of the page, got "runs:sam_rho"'],
    ['output_dir:/', 'runs: flag:value with a setting of the page, got "output_dir:/"'],
    ['sam_rho:0,sam_rho:1', 'runs: a setting once in a run, got sam_rho twice'],
    ['=sam_rho:0', 'runs: a label of 1 to 40 characters, got ""'],
    [';'.repeat(8), 'runs: 1 to 8 runs, got 9'],
  ])('%s is refused with its rule', (text, message) => {
    expect(read(text)).toBe(message)
  })

  it('reads back what it writes', () => {
    const changes = fc.record(
      {
        sam_rho: fc.double({ min: 0, max: 10, noNaN: true }).map((x) => x + 0),
        mlp_layers: fc.constantFrom('8', '512,256'),
        use_rmsprop: fc.boolean(),
        num_train_examples: fc.option(fc.integer({ min: 1, max: 9 })),
      },
      { requiredKeys: [] },
    )
    const label = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() === text)
    const run: fc.Arbitrary<RunEntry> = fc.record({ label, changes }, { requiredKeys: ['changes'] })
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: MOST_RUNS }), (runs) => {
        expect(read(runsText(runs))).toEqual(runs)
      }),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void readRuns(text)))
    fc.assert(
      fc.property(fc.constantFrom(...FIELD_NAMES), fc.string(), (name, value) => {
        // Before an equals sign stands a label.
        const reading = readRuns(`${name}:${value.replaceAll('=', '')}`)
        expect(reading.ok && !mayDiffer(name)).toBe(false)
      }),
    )
  })
})
