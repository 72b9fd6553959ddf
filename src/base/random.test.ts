import { describe, expect, it } from 'vitest'
import { randomStream } from './random'

const draw = (seed: number, purpose: 'init' | 'order', index = 0, n = 8) => {
  const stream = randomStream(seed, purpose, index)
  return Array.from({ length: n }, () => stream.int(1_000_000))
}

describe('randomStream', () => {
  it('repeats itself for the same seed, purpose and index', () => {
    expect(draw(3, 'init')).toEqual(draw(3, 'init'))
  })

  it('gives other numbers for another seed, purpose or index', () => {
    const streams = [
      draw(0, 'init'),
      draw(1, 'init'),
      draw(0, 'order'),
      draw(0, 'init', 1),
      draw(2 ** 32 - 1, 'init'),
    ]
    const distinct = new Set(streams.map((numbers) => numbers.join()))
    expect(distinct.size).toBe(streams.length)
  })

  it('stays what it was when this was written: seeds in old links keep their meaning', () => {
    expect(draw(0, 'init', 0, 4)).toEqual([323130, 821709, 245912, 180926])
  })

  it('draws neighbouring seeds independently', () => {
    const n = 4000
    const a = randomStream(7, 'init')
    const b = randomStream(8, 'init')
    let product = 0
    for (let i = 0; i < n; i++) product += a.normal() * b.normal()
    expect(Math.abs(product / n)).toBeLessThan(4 / Math.sqrt(n))
  })

  it('has the moments of a standard normal, and of one truncated at two deviations', () => {
    const n = 40_000
    const stream = randomStream(1, 'init')
    const moments = (next: () => number) => {
      let sum = 0
      let squares = 0
      for (let i = 0; i < n; i++) {
        const z = next()
        sum += z
        squares += z * z
      }
      return { mean: sum / n, variance: squares / n - (sum / n) ** 2 }
    }
    const normal = moments(() => stream.normal())
    expect(Math.abs(normal.mean)).toBeLessThan(0.02)
    expect(normal.variance).toBeCloseTo(1, 1)
    // Variance of a standard normal cut at ±2: 1 − 4φ(2)/(2Φ(2) − 1) = 0.7737
    expect(moments(() => stream.truncatedNormal()).variance).toBeCloseTo(0.774, 1)
  })

  it('shuffles to a permutation, every position equally likely', () => {
    const counts = new Array(5).fill(0)
    for (let i = 0; i < 5000; i++) {
      const order = randomStream(i, 'order').shuffle(new Uint32Array([0, 1, 2, 3, 4]))
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4])
      counts[order[0]]++
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('refuses an empty range', () => {
    expect(() => randomStream(0, 'init').int(0)).toThrow(RangeError)
  })
})
