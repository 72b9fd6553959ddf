import { describe, expect, it } from 'vitest'
import type { ParamEntry, ParamLayout, ParamRole } from '../models/network'
import { filterNormalised, gaussianDraw } from './directions'

function layout(...parts: [string, number[], ParamRole][]): ParamLayout {
  let offset = 0
  const entries = parts.map(([name, shape, role]): ParamEntry => {
    const size = shape.reduce((a, b) => a * b, 1)
    const entry = { name, shape, offset, size, role, init: () => {} }
    offset += size
    return entry
  })
  return { entries, size: offset }
}

const params = layout(
  ['conv/kernel', [3, 3, 2, 4], 'kernel'],
  ['dense/bias', [5], 'bias'],
  ['dense/kernel', [8, 5], 'dense'],
  ['depthwise/kernel', [3, 3, 6, 1], 'depthwise_kernel'],
)
const theta = Float32Array.from({ length: params.size }, (_, i) => Math.sin(i) * (1 + (i % 7)))

/** Norm of filter f of an entry, by its indices written out (HWIO: the filter is the fastest axis). */
function filterNorm(values: Float32Array, { offset, size }: ParamEntry, f: number, filters: number): number {
  let sum = 0
  for (let i = f; i < size; i += filters) sum += values[offset + i] ** 2
  return Math.sqrt(sum)
}

describe('directions', () => {
  it('gives every filter the norm of the same filter of θ', () => {
    const d = filterNormalised(gaussianDraw(params.size, 3, 0), theta, params, false)
    const [conv, , dense, depthwise] = params.entries
    for (const [entry, filters] of [
      [conv, 4],
      [dense, 5],
      [depthwise, 6],
    ] as const) {
      for (let f = 0; f < filters; f++) {
        expect(filterNorm(d, entry, f, filters)).toBeCloseTo(filterNorm(theta, entry, f, filters), 4)
      }
    }
  })

  it('leaves biases out, or scales each as a whole', () => {
    const draw = gaussianDraw(params.size, 3, 0)
    const bias = params.entries[1]
    const without = filterNormalised(draw, theta, params, false)
    expect(filterNorm(without, bias, 0, 1)).toBe(0)
    const withBias = filterNormalised(draw, theta, params, true)
    expect(filterNorm(withBias, bias, 0, 1)).toBeCloseTo(filterNorm(theta, bias, 0, 1), 4)
    // The kernels do not notice.
    expect(withBias.subarray(0, bias.offset)).toEqual(without.subarray(0, bias.offset))
  })

  it('keeps a filter of zeros where it is', () => {
    const zeros = new Float32Array(params.size)
    expect(filterNormalised(gaussianDraw(params.size, 3, 0), zeros, params, true).every((v) => v === 0)).toBe(
      true,
    )
  })

  it('draws the same for the same seed and another for each direction', () => {
    expect(gaussianDraw(50, 7, 0)).toEqual(gaussianDraw(50, 7, 0))
    expect(gaussianDraw(50, 7, 0)).not.toEqual(gaussianDraw(50, 7, 1))
    expect(gaussianDraw(50, 7, 0)).not.toEqual(gaussianDraw(50, 8, 0))
  })
})
