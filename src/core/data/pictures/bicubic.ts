/**
 * The bicubic resize of TensorFlow 1, in float32 as there: sample i of n lies at i·scale without a half-pixel offset,
 * the cubic has a = −0.75 and comes from a table of 1,024 steps, taps beyond the border are the border's own pixel,
 * and nothing is clipped. Not what today's libraries do: a pretrained network has seen these pixels.
 * Source: Keys 1981 (the cubic); TensorFlow, core/kernels/image/resize_bicubic_op.cc; docs/augmentation.md.
 */

import { BasinError } from '../../../base/errors'
import { roundHalfEven } from '../../../base/roundHalfEven'
import type { ImageShape } from '../augment/image'

const STEPS = 1024
const A = -0.75

const { fround } = Math

/** At distance d = i/1024: entry 2·i for a tap at d, entry 2·i + 1 for one at 1 + d. */
const CUBIC = Float32Array.from({ length: 2 * (STEPS + 1) }, (_, i) => {
  const d = (i >> 1) / STEPS
  if (i % 2 === 0) return ((A + 2) * d - (A + 3)) * d * d + 1
  const x = d + 1
  return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A
})

/** For every output sample four input samples and their weights. */
interface Taps {
  /** [4·n] */
  indices: Int32Array
  /** [4·n] */
  weights: Float32Array
}

function tapsOf(from: number, to: number): Taps {
  const scale = fround(from / to)
  const indices = new Int32Array(4 * to)
  const weights = new Float32Array(4 * to)
  for (let i = 0; i < to; i++) {
    const place = fround(i * scale)
    const floor = Math.floor(place)
    const step = roundHalfEven(fround(fround(place - floor) * STEPS))
    for (let tap = 0; tap < 4; tap++) {
      indices[4 * i + tap] = Math.min(from - 1, Math.max(0, floor - 1 + tap))
    }
    weights.set(
      [CUBIC[2 * step + 1], CUBIC[2 * step], CUBIC[2 * (STEPS - step)], CUBIC[2 * (STEPS - step) + 1]],
      4 * i,
    )
  }
  return { indices, weights }
}

export type Resize = (images: ArrayLike<number>, count: number) => Float32Array

/**
 * @param from shape of the images that come in
 * @param to shape of those that go out; the same number of channels
 * @returns (images [count, from.height, from.width, channels], count) → [count, to.height, to.width, channels] float32
 * @throws BasinError `config` when a side is not a positive whole number
 */
export function bicubicResize(from: ImageShape, to: { height: number; width: number }): Resize {
  for (const side of [from.height, from.width, to.height, to.width]) {
    if (!(Number.isInteger(side) && side > 0)) {
      throw new BasinError('config', `resize: sides of at least one pixel, got ${side}`)
    }
  }
  const { channels } = from
  const rows = tapsOf(from.height, to.height)
  const columns = tapsOf(from.width, to.width)
  const fromRow = from.width * channels
  const toRow = to.width * channels
  const line = new Float32Array(fromRow)
  return (images, count) => {
    const out = new Float32Array(count * to.height * toRow)
    for (let n = 0; n < count; n++) {
      const first = n * from.height * fromRow
      for (let y = 0; y < to.height; y++) {
        blendRows(images, first, fromRow, rows, y, line)
        blendColumns(line, channels, columns, to.width, out, (n * to.height + y) * toRow)
      }
    }
    return out
  }
}

function blendRows(
  images: ArrayLike<number>,
  first: number,
  size: number,
  { indices, weights }: Taps,
  y: number,
  line: Float32Array,
): void {
  const [w0, w1, w2, w3] = weights.subarray(4 * y, 4 * y + 4)
  const [r0, r1, r2, r3] = indices.subarray(4 * y, 4 * y + 4)
  for (let i = 0; i < size; i++) {
    const at = first + i
    const v0 = fround(images[at + r0 * size] * w0)
    const v1 = fround(images[at + r1 * size] * w1)
    const v2 = fround(images[at + r2 * size] * w2)
    const v3 = fround(images[at + r3 * size] * w3)
    line[i] = fround(fround(fround(v0 + v1) + v2) + v3)
  }
}

function blendColumns(
  line: Float32Array,
  channels: number,
  { indices, weights }: Taps,
  width: number,
  out: Float32Array,
  at: number,
): void {
  for (let x = 0; x < width; x++) {
    const t = 4 * x
    const w0 = weights[t]
    const w1 = weights[t + 1]
    const w2 = weights[t + 2]
    const w3 = weights[t + 3]
    for (let c = 0; c < channels; c++) {
      const v0 = fround(line[indices[t] * channels + c] * w0)
      const v1 = fround(line[indices[t + 1] * channels + c] * w1)
      const v2 = fround(line[indices[t + 2] * channels + c] * w2)
      const v3 = fround(line[indices[t + 3] * channels + c] * w3)
      out[at + x * channels + c] = fround(fround(fround(v0 + v1) + v2) + v3)
    }
  }
}
