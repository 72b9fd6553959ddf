import { describe, expect, it } from 'vitest'
import type { ValuesOf } from '../../worker/protocol'
import { displaySurface } from './displaySurface'

/** A plane 3 + x + 2y, computed only where `known` says. */
function plane(n: number, known: (i: number, j: number) => boolean): ValuesOf<'surface'> {
  const axis = Float64Array.from({ length: n }, (_, i) => -1 + (2 * i) / (n - 1))
  const loss = new Float64Array(n * n).fill(Number.NaN)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (known(i, j)) loss[i * n + j] = 3 + axis[j] + 2 * axis[i]
  return { x: axis, y: axis, loss, error: loss }
}

describe('displaySurface', () => {
  it('draws nothing before the corners stand', () => {
    expect(displaySurface(plane(5, (i, j) => i === 0 && j < 4))).toBeUndefined()
  })

  it('interpolates between coarse points and keeps what is already finer', () => {
    const slice = plane(9, (i, j) => (i % 4 === 0 && j % 4 === 0) || (i === 1 && j === 1))
    slice.loss[1 * 9 + 1] = 42
    const surface = displaySurface(slice)!
    expect(surface.z[1][1]).toBe(42)
    expect(surface.z[3][6]).toBeCloseTo(3 + slice.x[6] + 2 * slice.y[3], 12)
    expect(surface.z.flat().every(Number.isFinite)).toBe(true)
  })
})
