import fc from 'fast-check'
import { expect, it } from 'vitest'
import { layOut } from './layout'

it('gives blocks that are needed at the same time places apart, on cache lines', () => {
  const commands = fc.array(fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 4 }), { maxLength: 30 })
  const sizes = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 12, maxLength: 12 })
  fc.assert(
    fc.property(commands, sizes, (uses, sizes) => {
      const { offsets, bytes } = layOut(uses, sizes)
      const used = [...new Set(uses.flat())]
      expect([...offsets.keys()].sort()).toEqual(used.sort())
      const time = (block: number) => [
        uses.findIndex((blocks) => blocks.includes(block)),
        uses.findLastIndex((blocks) => blocks.includes(block)),
      ]
      for (const a of used) {
        const at = offsets.get(a)!
        expect(at % 64).toBe(0)
        expect(at + sizes[a]).toBeLessThanOrEqual(bytes)
        for (const b of used.filter((b) => b > a)) {
          const [[aFrom, aTo], [bFrom, bTo]] = [time(a), time(b)]
          if (aFrom > bTo || bFrom > aTo) continue
          const other = offsets.get(b)!
          expect(at + Math.max(1, sizes[a]) <= other || other + Math.max(1, sizes[b]) <= at).toBe(true)
        }
      }
    }),
  )
})

it('takes no more than what is needed at once, where one block follows another', () => {
  // 0 → 1 → 2 → 3: two at a time.
  const chain = [[0], [0, 1], [1, 2], [2, 3]]
  expect(layOut(chain, [640, 640, 640, 640]).bytes).toBe(1280)
})
