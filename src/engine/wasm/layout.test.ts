import fc from 'fast-check'
import { expect, it } from 'vitest'
import { layOut, type Use } from './layout'

/** Commands of up to four blocks of twelve; one that may work in place reads all but the last and makes that. */
const use = fc.record({
  blocks: fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { maxLength: 4 }),
  mayBeInPlace: fc.boolean(),
})
const commands = fc.array(use, { maxLength: 30 }).map((all) =>
  all.map(({ blocks, mayBeInPlace }): Use => {
    const makes = blocks.at(-1)
    return mayBeInPlace && makes !== undefined
      ? { blocks, inPlace: { reads: blocks.slice(0, -1), makes } }
      : { blocks }
  }),
)
/** Few, so that many are equal. */
const sizes = fc.array(fc.constantFrom(0, 4, 640, 5000), { minLength: 12, maxLength: 12 })

it('gives blocks that are needed at the same time places apart, on cache lines, or the one in the place of the other', () => {
  fc.assert(
    fc.property(commands, sizes, (uses, sizes) => {
      const { offsets, bytes } = layOut(uses, sizes)
      const used = [...new Set(uses.flatMap(({ blocks }) => blocks))]
      expect([...offsets.keys()].sort()).toEqual(used.sort())
      const time = (block: number) => [
        uses.findIndex(({ blocks }) => blocks.includes(block)),
        uses.findLastIndex(({ blocks }) => blocks.includes(block)),
      ]
      /** It ends where a command that may work in place makes the other of it. */
      const becomes = (a: number, b: number) => {
        const [, end] = time(a)
        const { inPlace } = uses[end]
        return (
          time(b)[0] === end && inPlace?.makes === b && inPlace.reads.includes(a) && sizes[a] === sizes[b]
        )
      }
      for (const a of used) {
        const at = offsets.get(a)!
        expect(at % 64).toBe(0)
        expect(at + sizes[a]).toBeLessThanOrEqual(bytes)
        for (const b of used.filter((b) => b > a)) {
          const [[aFrom, aTo], [bFrom, bTo]] = [time(a), time(b)]
          if (aFrom > bTo || bFrom > aTo) continue
          const other = offsets.get(b)!
          if (at === other && (becomes(a, b) || becomes(b, a))) continue
          expect(at + Math.max(1, sizes[a]) <= other || other + Math.max(1, sizes[b]) <= at).toBe(true)
        }
      }
    }),
  )
})

it('takes no more than what is needed at once, where one block follows another', () => {
  // 0 → 1 → 2 → 3: two at a time.
  const chain = [[0], [0, 1], [1, 2], [2, 3]].map((blocks) => ({ blocks }))
  expect(layOut(chain, [640, 640, 640, 640]).bytes).toBe(1280)
})

it('works in place along a chain, but not on what is needed later or has another size', () => {
  const step = (reads: number[], makes: number): Use => ({
    blocks: [...reads, makes],
    inPlace: { reads, makes },
  })
  const chain = [step([], 0), step([0], 1), step([1], 2), step([2], 3)]
  expect(layOut(chain, [640, 640, 640, 640]).bytes).toBe(640)
  expect(layOut([...chain, { blocks: [1] }], [640, 640, 640, 640]).bytes).toBe(1280)
  expect(layOut(chain, [640, 640, 64, 64]).bytes).toBe(704)
})
