import { describe, expect, it } from 'vitest'
import { normalsOf } from './normals'

const N = 200_000
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length
const product = (a: Float32Array, b: Float32Array) => mean(a.map((x, i) => x * b[i]))

describe('standard normal values', () => {
  const drawn = normalsOf(N, 0xdeadbeef)

  it('have the moments and the quantiles of a normal distribution', () => {
    for (const [power, moment, spread] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ]) {
      const found = mean(Float64Array.from(drawn, (x) => x ** power))
      expect(Math.abs(found - moment)).toBeLessThan(4 * Math.sqrt(spread / N))
    }
    for (const [below, share] of [
      [-1.6449, 0.05],
      [-0.6745, 0.25],
      [0.6745, 0.75],
      [2.3263, 0.99],
    ]) {
      const found = drawn.filter((x) => x < below).length / N
      expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / N))
    }
  })

  it('know nothing of their neighbours, nor of other keys', () => {
    const limit = 4 / Math.sqrt(N)
    for (const shift of [1, 2, 3, 64]) {
      expect(Math.abs(product(drawn.subarray(shift), drawn))).toBeLessThan(2 * limit)
    }
    for (const key of [0, 1, 0xdeadbeee, 0xdeadbeef ^ 0x10000]) {
      expect(Math.abs(product(normalsOf(N, key), drawn))).toBeLessThan(limit)
    }
  })

  it('do not depend on how many there are', () => {
    expect([...normalsOf(7, 5)]).toEqual([...normalsOf(9, 5).subarray(0, 7)])
  })
})
