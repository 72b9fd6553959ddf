import { describe, expect, it } from 'vitest'
import type { Slice1D } from '../../worker/protocol'
import { basinWidth, commonLevel } from './width'

function bowl(centre: number, curvature: number): Slice1D {
  const at = Float64Array.from({ length: 201 }, (_, i) => -1 + i / 100)
  const loss = at.map((a) => centre + curvature * a * a)
  return { kind: 'line', run: 'sgd', at, loss, error: loss }
}

describe('basinWidth', () => {
  it('is 2·√((level − centre)/curvature) of a bowl', () => {
    const got = basinWidth(bowl(0.27, 11), 2)!
    expect(got.width).toBeCloseTo(2 * Math.sqrt(1.73 / 11), 3)
    expect(got.atLeast).toBe(false)
  })

  it('says “at least” when the slice ends inside the basin', () => {
    expect(basinWidth(bowl(1, 0.1), 2)).toEqual({ level: 2, width: 2, atLeast: true })
  })

  it('has no width where the centre is above the level or points are missing', () => {
    expect(basinWidth(bowl(3, 1), 2)).toBeUndefined()
    const partial = bowl(0, 1)
    partial.loss[3] = Number.NaN
    expect(basinWidth(partial, 0.5)).toBeUndefined()
  })
})

describe('commonLevel', () => {
  it('lies above both centres', () => {
    expect(commonLevel([bowl(0.27, 11), bowl(1.29, 2)])).toBe(2)
    expect(commonLevel([bowl(0.03, 1), bowl(0.06, 1)])).toBeCloseTo(0.1)
    expect(commonLevel([bowl(6, 1)])).toBe(10)
  })
})
