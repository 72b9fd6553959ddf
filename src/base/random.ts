/**
 * Seeded random streams. One seed per run, split by purpose, so that drawing more numbers for one purpose
 * never shifts another, and two runs of a comparison share init, order and augmentation.
 */
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator'
import { mix } from './mix'

export type Purpose =
  | 'init'
  | 'subset'
  | 'evaluation'
  | 'noise'
  | 'order'
  | 'augmentation'
  | 'policy'
  | 'crop'
  | 'mixing'
  | 'gates'
  | 'perturbation'
  | 'directions'
  | 'slices'
  | 'probes'
  | 'sweep'

export interface RandomStream {
  /** Uniform integer in [0, n), unbiased. */
  int(n: number): number
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** Normal truncated to two standard deviations (not variance-corrected). */
  truncatedNormal(): number
  /** Fisher–Yates in place. */
  shuffle<A extends { length: number; [i: number]: number }>(values: A): A
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}

/**
 * The stream of `purpose` for `seed`; `index` picks an independent sub-stream (an epoch, a direction).
 * The same arguments give the same numbers in every browser and in Node.
 */
export function randomStream(seed: number, purpose: Purpose, index = 0): RandomStream {
  return streamOf(xoroshiro128plus(stateOf(seed, purpose, index)))
}

/** 32 bits for whoever draws by itself, on the device. */
export const randomKey = (seed: number, purpose: Purpose, index = 0): number =>
  mix(stateOf(seed, purpose, index)) >>> 0

function stateOf(seed: number, purpose: Purpose, index: number): number {
  return (fnv1a(`${seed}/${purpose}/${index}`) ^ Math.imul(seed | 0, 0x9e3779b1)) | 0
}

/**
 * A stream for each item of a whole (each image of an epoch), all independent of each other: what item i draws depends
 * on the arguments and i alone, so items may be done in any order and on any thread.
 */
export function itemStreams(seed: number, purpose: Purpose, index = 0): (item: number) => RandomStream {
  const key = xoroshiro128plus(stateOf(seed, purpose, index))
  // The first outputs of a state that is mostly zeros are not yet mixed.
  for (let i = 0; i < 16; i++) key.next()
  const words = [key.next(), key.next(), key.next(), key.next()]
  return (item) => {
    const state = words.map((word, i) => mix(word ^ Math.imul(item + 1, 0x9e3779b1 + 2 * i)))
    return streamOf(xoroshiro128plusFromState(state))
  }
}

function streamOf(generator: JumpableRandomGenerator): RandomStream {
  let spare: number | undefined
  const u32 = () => generator.next() >>> 0
  const stream: RandomStream = {
    int(n) {
      if (!(n >= 1 && n <= 0x100000000)) throw new RangeError(`int: n in [1, 2^32], got ${n}`)
      const limit = 0x100000000 - (0x100000000 % n)
      let x = u32()
      while (x >= limit) x = u32()
      return x % n
    },
    uniform() {
      return ((u32() >>> 5) * 67108864 + (u32() >>> 6)) / 9007199254740992
    },
    normal() {
      if (spare !== undefined) {
        const value = spare
        spare = undefined
        return value
      }
      const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()))
      const angle = 2 * Math.PI * stream.uniform()
      spare = radius * Math.sin(angle)
      return radius * Math.cos(angle)
    },
    truncatedNormal() {
      let z = stream.normal()
      while (Math.abs(z) > 2) z = stream.normal()
      return z
    },
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = stream.int(i + 1)
        const held = values[i]
        values[i] = values[j]
        values[j] = held
      }
      return values
    },
  }
  return stream
}
