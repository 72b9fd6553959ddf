import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { grouped, intervalOf, meanInterval } from './groups'

describe('an interval of a mean', () => {
  // scipy.stats.t.interval(0.95, n − 1, loc=mean, scale=sem): the tabled quantiles t(0.975, ν) times s/√n.
  it.each([
    [[1, 2], 1.5, 12.706204736432095 * 0.5],
    [[34.5, 33.2, 35.1], 34.266666666666666, 4.302652729911275 * 0.5607534613753574],
    [[18.7, 18.9, 18.4, 18.8, 18.6], 18.68, 2.7764451051977987 * 0.0860232526704263],
  ])('%j', (values, mean, half) => {
    const interval = meanInterval(values)
    expect(interval.n).toBe(values.length)
    expect(interval.mean).toBeCloseTo(mean, 12)
    expect(interval.half).toBeCloseTo(half, 8)
  })

  it('of one value has no width', () => {
    expect(meanInterval([3])).toEqual({ n: 1, mean: 3 })
    expect(intervalOf([1, 2], () => undefined)).toBeUndefined()
  })

  it('moves and scales with its values', () => {
    const values = fc.array(fc.integer({ min: -999, max: 999 }), { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(values, fc.integer({ min: -9, max: 9 }), (numbers, shift) => {
        const a = meanInterval(numbers)
        const b = meanInterval(numbers.map((x) => 2 * x + shift))
        expect(b.mean).toBeCloseTo(2 * a.mean + shift, 9)
        expect(b.half).toBeCloseTo(2 * a.half!, 9)
      }),
    )
  })
})

describe('groups', () => {
  const run = (changes: Partial<RunConfig>) => ({
    record: { config: { ...DEFAULT_CONFIG, runs: '', ...changes } },
  })

  it('are of runs that differ in nothing but seed, place and pace', () => {
    const runs = [
      run({ run_seed: 0 }),
      run({ run_seed: 0, sam_rho: 0 }),
      run({ run_seed: 1, output_dir: '/elsewhere', save_progress_seconds: 1 }),
      run({ run_seed: 2, learning_rate: 0.1 }),
    ]
    expect(grouped(runs).map((group) => group.runs.map((each) => runs.indexOf(each)))).toEqual([
      [0, 2],
      [1],
      [3],
    ])
  })
})
