import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bandOf } from './bands'
import { meanInterval } from './groups'

const line = (points: readonly (readonly [step: number, y: number])[]) => ({
  step: points.map(([step]) => step),
  x: points.map(([step]) => step / 10),
  y: points.map(([, y]) => y),
})

describe('a band', () => {
  it('has at every step the mean of the runs that are there, its interval and their number', () => {
    const band = bandOf([
      line([
        [1, 4],
        [2, 3],
        [3, Number.NaN],
        [4, 1],
      ]),
      line([
        [1, 6],
        [3, 5],
      ]),
    ])
    expect([...band.x]).toEqual([0.1, 0.2, 0.3, 0.4])
    expect([...band.mean]).toEqual([5, 3, 5, 1])
    expect([...band.n]).toEqual([2, 1, 1, 1])
    expect(band.half[0]).toBeCloseTo(12.706204736432095, 8)
    expect([...band.half.slice(1)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  })

  it('of no line, or of none with a value, is empty', () => {
    expect(bandOf([]).x).toHaveLength(0)
    expect(bandOf([line([[1, Number.NaN]])]).x).toHaveLength(0)
  })

  it('passes over no step and no run, however many', () => {
    const steps = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 })
    const lines = fc.array(
      steps.map((some) => [...some].sort((a, b) => a - b).map((step) => [step, step ** 2 % 7] as const)),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(lines, (all) => {
        const band = bandOf(all.map(line))
        const every = [...new Set(all.flatMap((points) => points.map(([step]) => step)))].sort(
          (a, b) => a - b,
        )
        expect(band.x).toHaveLength(every.length)
        every.forEach((step, i) => {
          const values = all.flatMap((points) => points.filter(([at]) => at === step).map(([, y]) => y))
          const { n, mean, half = Number.NaN } = meanInterval(values)
          expect([band.n[i], band.mean[i], band.half[i]]).toEqual([n, mean, half])
        })
      }),
    )
  })
})
