import { describe, expect, it } from 'vitest'
import { pointsOf, toRows } from './rows'
import { smooth } from './smooth'

describe('toRows', () => {
  const steps = Float64Array.from({ length: 5000 }, (_, i) => i + 1)

  it('keeps a spike of either run and stays drawable', () => {
    const sgd = steps.map((step) => (step === 1777 ? 99 : 1))
    const sam = steps.map((step) => (step === 3001 ? -5 : 2))
    const rows = toRows(
      [
        { run: 'sgd', x: steps, y: sgd, smoothed: smooth(sgd, 0.9) },
        { run: 'sam', x: steps, y: sam, smoothed: smooth(sam, 0.9) },
      ],
      false,
    )
    expect(rows.length).toBeLessThanOrEqual(2 * pointsOf(2))
    expect(Math.max(...rows.map((row) => row.sgdRaw ?? 0))).toBe(99)
    expect(Math.min(...rows.map((row) => row.samRaw ?? 0))).toBe(-5)
    expect(rows.every((row, i) => i === 0 || row.x > rows[i - 1].x)).toBe(true)
  })

  it('leaves steps that were not measured out, never draws them as zero', () => {
    const every10 = steps.map((step) => (step % 10 === 0 ? 3 : Number.NaN))
    const rows = toRows([{ run: 'sgd', x: steps, y: every10 }], false)
    expect(rows.every((row) => row.sgd === 3 && row.x % 10 === 0)).toBe(true)
    expect(rows[0].sgdRaw).toBeUndefined()
  })

  it('draws only positive values on a log scale', () => {
    const rows = toRows([{ run: 'sgd', x: [1, 2], y: [-1, 4] }], true)
    expect(rows.map((row) => row.sgd)).toEqual([undefined, 4])
  })
})
