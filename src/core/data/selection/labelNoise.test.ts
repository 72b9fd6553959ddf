import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withLabelNoise } from './labelNoise'

const CLASSES = 10
const truth = Uint8Array.from({ length: 5000 }, (_, i) => i % CLASSES)

describe('withLabelNoise', () => {
  it('replaces exactly round(p · n) labels, each by another class, and marks those and no others', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ max: 4, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (labels, share, seed) => {
          const before = labels.slice()
          const noisy = withLabelNoise(labels, share, 5, seed)
          const changed = noisy.labels.filter((label, i) => label !== labels[i]).length
          expect(changed).toBe(Math.round(share * labels.length))
          expect([...noisy.wrong]).toEqual(
            Array.from(labels, (label, i) => Number(label !== noisy.labels[i])),
          )
          expect(noisy.labels.every((label) => label < 5)).toBe(true)
          expect(labels).toEqual(before)
        },
      ),
    )
  })

  it('is the same for the same seed, and another for another', () => {
    expect(withLabelNoise(truth, 0.4, CLASSES, 0)).toEqual(withLabelNoise(truth, 0.4, CLASSES, 0))
    expect(withLabelNoise(truth, 0.4, CLASSES, 0)).not.toEqual(withLabelNoise(truth, 0.4, CLASSES, 1))
  })

  it('draws every wrong class equally often', () => {
    const { labels } = withLabelNoise(truth, 1, CLASSES, 5)
    const shifts = new Array(CLASSES).fill(0)
    labels.forEach((label, i) => {
      shifts[(label - truth[i] + CLASSES) % CLASSES]++
    })
    expect(shifts[0]).toBe(0)
    // Binomial(5000, 1/9): mean 556, deviation 22; five of them.
    for (const count of shifts.slice(1)) expect(Math.abs(count - 5000 / 9)).toBeLessThan(111)
  })
})
