import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { normalisationTable, normaliseInto } from '../batches/normalise'
import { DRAWS_PER_IMAGE, drawBasic, flipPadCrop, PAD } from './basic'

/** Tensors of the reference's own augmentation code (docs/data.md); names as there. */
function goldens() {
  const file = readFileSync('src/core/data/goldens/weak_preprocess.safetensors')
  const headerLength = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.subarray(8, 8 + headerLength).toString())
  const bytes = (name: string) => {
    const [start, end] = header[name].data_offsets
    return Uint8Array.from(file.subarray(8 + headerLength + start, 8 + headerLength + end))
  }
  return { names: Object.keys(header), bytes, floats: (name: string) => new Float32Array(bytes(name).buffer) }
}

const { names, bytes, floats } = goldens()

describe('flipPadCrop', () => {
  const cases = names.flatMap((name) => {
    const match = /^weak\/(img(\d)\/flip(\d)\/off(\d),(\d))$/.exec(name)
    return match ? [[name, `image${match[2]}`, match.slice(3, 6).map(Number)] as const] : []
  })

  it('has all 24 goldens', () => expect(cases).toHaveLength(24))

  it.each(cases)('%s is the reference’s', (name, image, draw) => {
    const out = new Uint8Array(32 * 32 * 3)
    flipPadCrop(bytes(image), { height: 32, width: 32, channels: 3 }, draw, out)
    expect(out).toEqual(bytes(name))
  })

  /** The three steps one after the other, on rows of pixels: the goldens are square, so they cannot tell the sides. */
  function stepByStep(rows: number[][], [flip, top, left]: number[]): number[][] {
    const padded = <T>(line: T[]) => [
      ...line.slice(1, PAD + 1).reverse(),
      ...line,
      ...line.slice(-PAD - 1, -1).reverse(),
    ]
    const flipped = rows.map((row) => (flip ? row.toReversed() : row))
    return padded(flipped.map(padded))
      .slice(top, top + rows.length)
      .map((row) => row.slice(left, left + rows[0].length))
  }

  it('is flip, then pad, then crop, for any sides and channels', () => {
    const side = fc.integer({ min: PAD + 1, max: 12 })
    const offset = fc.nat(2 * PAD)
    const draw = fc.tuple(fc.nat(1), offset, offset)
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 3 }), draw, (height, width, channels, drawn) => {
        const image = Uint8Array.from({ length: height * width * channels }, (_, i) => i)
        const out = new Uint8Array(image.length)
        flipPadCrop(image, { height, width, channels }, drawn, out)
        const pixels = Array.from({ length: height }, (_, y) =>
          Array.from({ length: width }, (_, x) => y * width + x),
        )
        const expected = stepByStep(pixels, drawn)
          .flat()
          .flatMap((pixel) => [...image.subarray(pixel * channels, (pixel + 1) * channels)])
        expect([...out]).toEqual(expected)
      }),
    )
  })
})

describe('normalisation', () => {
  const cifar10 = {
    mean: [0.4913996756076813, 0.4821584224700928, 0.44653090834617615],
    std: [0.24703222513198853, 0.24348512291908264, 0.26158782839775085],
  }
  const images = [0, 1, 2].map((i) => bytes(`image${i}`))

  it('three channels: bit for bit the reference’s', () => {
    const out = new Float32Array(3 * 3072)
    images.forEach((image, i) => {
      normaliseInto(image, normalisationTable(cifar10), out, i * 3072)
    })
    expect(out).toEqual(floats('preprocess/cifar10'))
  })

  it('one channel: bit for bit the reference’s (28 × 28 corner, red)', () => {
    const pixels = images.flatMap((image) =>
      Array.from({ length: 784 }, (_, i) => image[(Math.floor(i / 28) * 32 + (i % 28)) * 3]),
    )
    const out = new Float32Array(3 * 784)
    normaliseInto(Uint8Array.from(pixels), normalisationTable({ mean: [0.1307], std: [0.3081] }), out, 0)
    expect(out).toEqual(floats('preprocess/fashion_mnist'))
  })
})

describe('drawBasic', () => {
  it('draws flips and offsets uniformly, and the first images’ draws do not depend on how many follow', () => {
    const count = 9000
    const draws = drawBasic(randomStream(0, 'augmentation'), count)
    const column = (k: number) => draws.filter((_, i) => i % DRAWS_PER_IMAGE === k)
    const flips = column(0).reduce((sum, flip) => sum + flip, 0)
    expect(Math.abs(flips - count / 2)).toBeLessThan(5 * Math.sqrt(count / 4))
    for (const k of [1, 2]) {
      const offsets = new Array(9).fill(0)
      for (const offset of column(k)) offsets[offset]++
      for (const hits of offsets) expect(Math.abs(hits - count / 9)).toBeLessThan(5 * Math.sqrt(count / 9))
    }
    expect(drawBasic(randomStream(0, 'augmentation'), 10)).toEqual(draws.subarray(0, 30))
  })
})
