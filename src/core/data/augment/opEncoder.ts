/**
 * Planned operations as a program for the device (engine/ops/augmentImages/program.ts). Whatever an operation's value alone
 * decides is computed here, by the code that does the operation on the host, and sent as a table; so the device has
 * the host's pixels whatever its arithmetic.
 */
import {
  type AugmentProgram,
  BLEND_ENTRIES,
  HEADER,
  NOWHERE,
  OP_CODES,
  WORDS_PER_OP,
} from '../../../engine/ops/augmentImages/program'
import { squareAround } from './erase'
import { GREY, type ImageShape } from './image'
import { CENTRE, EDGE, GREY_PARTS } from './neighbourhood'
import { applyOp, isGeometric, lookupOf, type PlannedOp } from './ops'

const { fround } = Math

/** Tables grow by doubling: the device keeps its buffers by size. */
const FIRST_TABLES = 2048

export class OpEncoder {
  readonly #shape: ImageShape
  /** By name and value; [code, where the table begins]. */
  readonly #known = new Map<string, number>()
  #tables = new Int32Array(FIRST_TABLES)
  #used: number

  /** @param shape of every image, at most 255 pixels a side */
  constructor(shape: ImageShape) {
    this.#shape = shape
    this.#tables.set(HEADER_WORDS)
    this.#used = HEADER.size
  }

  /**
   * @param plans the operations of every image
   * @param most at least as many as any image has
   */
  encode(plans: readonly (readonly PlannedOp[])[], most: number): AugmentProgram {
    // A device binds no empty buffer.
    const layers = Math.max(1, most)
    const ops = new Int32Array(plans.length * layers * WORDS_PER_OP)
    plans.forEach((plan, i) => {
      plan.forEach((op, layer) => {
        const at = (i * layers + layer) * WORDS_PER_OP
        ops[at] = this.#codeOf(op)
        if (op.name === 'Cutout') ops[at + 1] = squareOf(op, this.#shape)
        else if (ops[at] === OP_CODES.erase)
          ops[at + 1] = (this.#shape.height << 8) | (this.#shape.width << 24)
      })
    })
    return { layers, ops, tables: this.#tables }
  }

  #codeOf(op: PlannedOp): number {
    if (op.name === 'Cutout') return OP_CODES.erase
    const key = `${op.name} ${op.value}`
    let code = this.#known.get(key)
    if (code === undefined) {
      code = this.#newCode(op)
      this.#known.set(key, code)
    }
    return code
  }

  #newCode(op: PlannedOp): number {
    if (op.name === 'AutoContrast') return OP_CODES.autoContrast
    if (op.name === 'Equalize') return OP_CODES.equalize
    if (op.name === 'Color' || op.name === 'Sharpness') {
      const code = op.name === 'Color' ? OP_CODES.color : OP_CODES.sharpness
      return code | (this.#store(blendTable(op.value)) << 8)
    }
    const lookup = lookupOf(op, this.#shape)
    if (lookup) return OP_CODES.lookup | (this.#store(packed(lookup, 8)) << 8)
    if (!isGeometric(op.name)) throw new Error(`opEncoder: no code for ${op.name}`)
    const sources = sourcesOf(op, this.#shape)
    // All of it is grey.
    if (sources.every((source) => source === NOWHERE)) return OP_CODES.erase
    return OP_CODES.move | (this.#store(packed(sources, 16)) << 8)
  }

  #store(words: Int32Array): number {
    const at = this.#used
    this.#used += words.length
    let size = this.#tables.length
    while (size < this.#used) size *= 2
    if (size > this.#tables.length) {
      // Programs made before keep their own.
      const larger = new Int32Array(size)
      larger.set(this.#tables)
      this.#tables = larger
    }
    this.#tables.set(words, at)
    return at
  }
}

/** Several numbers of so many bits in a word, the first the lowest. */
function packed(numbers: ArrayLike<number>, bits: number): Int32Array {
  const each = 32 / bits
  const words = new Int32Array(Math.ceil(numbers.length / each))
  for (let i = 0; i < numbers.length; i++) words[Math.floor(i / each)] |= numbers[i] << (bits * (i % each))
  return words
}

function squareOf({ value, centre = { row: 0, column: 0 } }: PlannedOp, shape: ImageShape): number {
  const { rows, columns } = squareAround(centre, value, shape)
  return rows[0] | (rows[1] << 8) | (columns[0] << 16) | (columns[1] << 24)
}

/** [height · width] which pixel comes where: the operation done to an image whose pixels are their own numbers. */
function sourcesOf(op: PlannedOp, { height, width }: ImageShape): Uint16Array {
  const count = height * width
  const numbers = new Uint8Array(3 * count)
  for (let i = 0; i < count; i++) {
    numbers[3 * i] = i & 255
    numbers[3 * i + 1] = i >> 8
  }
  const moved = new Uint8Array(numbers.length)
  applyOp(op, numbers, { height, width, channels: 3 }, moved)
  return Uint16Array.from({ length: count }, (_, i) =>
    // No pixel has this in its third channel.
    moved[3 * i + 2] === GREY ? NOWHERE : moved[3 * i] | (moved[3 * i + 1] << 8),
  )
}

/**
 * `blending` in integers: floor(d + p) for p = factor·(v − d), which is d + ⌊p⌋ unless the float32 sum rounds up to the
 * next whole number. It does where what is missing is at most half of the last place of numbers between n and n + 1,
 * 2^(⌊log2 n⌋ − 24): the larger the sum the sooner.
 */
export function blendTable(factor: number): Int32Array {
  const f = fround(factor)
  return Int32Array.from({ length: BLEND_ENTRIES }, (_, i) => {
    const product = fround(f * (i - 255))
    const whole = Math.floor(product)
    const missing = whole + 1 - product
    let from = 0
    if (missing > 2 ** -25) {
      from = 1
      while (from <= 128 && missing > from * 2 ** -24) from *= 2
    }
    return (Math.min(32767, Math.max(-32768, whole)) << 16) | from
  })
}

/** float32 as mantissa · 2^−places, a mantissa of 24 bits. */
function placesOf(value: number): { mantissa: number; places: number } {
  const places = 23 - Math.floor(Math.log2(value))
  return { mantissa: value * 2 ** places, places }
}

const HEADER_WORDS = (() => {
  const words = new Int32Array(HEADER.size)
  GREY_PARTS.forEach((parts, channel) => {
    words.set(new Int32Array(parts.buffer), HEADER.greyParts + 256 * channel)
  })
  for (let range = 1; range < 256; range++) {
    const { mantissa, places } = placesOf(fround(255 / range))
    words[HEADER.stretch + range] = mantissa | (places << 24)
  }
  words[HEADER.edge] = EDGE * 2 ** 27
  words[HEADER.centre] = CENTRE * 2 ** 25
  return words
})()
