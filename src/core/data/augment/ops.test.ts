import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../../base/errors'
import { GREY, type ImageShape } from './image'
import {
  AUTOAUGMENT_LIMITS,
  applyOp,
  isGeometric,
  OP_NAMES,
  type OpName,
  opValue,
  type PlannedOp,
  RANDAUGMENT_LIMITS,
} from './ops'

const shapes = fc.record({
  height: fc.integer({ min: 1, max: 17 }),
  width: fc.integer({ min: 1, max: 17 }),
  channels: fc.constantFrom(1, 3),
})
const pictures = shapes.chain((shape) => {
  const length = shape.height * shape.width * shape.channels
  const pixels = fc.uint8Array({ minLength: length, maxLength: length })
  return fc.tuple(fc.constant(shape), pixels)
})

function apply(op: PlannedOp, image: Uint8Array, shape: ImageShape): Uint8Array {
  const out = new Uint8Array(image.length).fill(77)
  applyOp(op, image, shape, out)
  return out
}

const planned = (name: OpName, level: number, sign = 1): PlannedOp => ({
  name,
  value: opValue(name, level, RANDAUGMENT_LIMITS) * (isGeometric(name) ? sign : 1),
  centre: { row: 0, column: 0 },
})

describe('every operation', () => {
  it('takes images of any size with one or three channels, at any level, and leaves its input alone', () => {
    const names = fc.constantFrom(...OP_NAMES)
    const levels = fc.integer({ min: 0, max: 30 })
    fc.assert(
      fc.property(pictures, names, levels, fc.constantFrom(1, -1), ([shape, image], name, level, sign) => {
        const before = image.slice()
        const op = planned(name, level, sign)
        const once = apply(op, image, shape)
        expect(image).toEqual(before)
        // Written everywhere: another filling of the output makes no difference.
        const other = new Uint8Array(image.length).fill(200)
        applyOp(op, image, shape, other)
        expect(other).toEqual(once)
      }),
      { numRuns: 600 },
    )
  })

  it('refuses levels below 0 and beyond 30, and what is no number', () => {
    for (const name of OP_NAMES) {
      for (const level of [-1, 30.5, 31, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => opValue(name, level, AUTOAUGMENT_LIMITS)).toThrow(BasinError)
      }
      expect(() => opValue(name, 30, AUTOAUGMENT_LIMITS)).not.toThrow()
    }
  })

  it('does nothing at the level that means nothing', () => {
    fc.assert(
      fc.property(pictures, ([shape, image]) => {
        const nothing: [OpName, number][] = [
          ['Rotate', 0],
          ['ShearX', 0],
          ['ShearY', 0],
          ['TranslateX', 0],
          ['TranslateY', 0],
          ['Cutout', 0],
          ['SolarizeAdd', 0],
          ['Posterize', 8],
          ['Color', 1],
          ['Contrast', 1],
          ['Brightness', 1],
          ['Sharpness', 1],
        ]
        for (const [name, value] of nothing) {
          expect(apply({ name, value, centre: { row: 0, column: 0 } }, image, shape)).toEqual(image)
        }
      }),
    )
  })
})

describe('geometry, against a search in exact arithmetic', () => {
  const at = (image: Uint8Array, { width, channels }: ImageShape, y: number, x: number) =>
    image.subarray((y * width + x) * channels, (y * width + x + 1) * channels)

  it('whole-pixel translations move, and grey comes in', () => {
    fc.assert(
      fc.property(pictures, fc.integer({ min: -20, max: 20 }), ([shape, image], pixels) => {
        for (const name of ['TranslateX', 'TranslateY'] as const) {
          const out = apply({ name, value: pixels }, image, shape)
          for (let y = 0; y < shape.height; y++) {
            for (let x = 0; x < shape.width; x++) {
              const fromX = name === 'TranslateX' ? x + pixels : x
              const fromY = name === 'TranslateY' ? y + pixels : y
              const inside = fromX >= 0 && fromX < shape.width && fromY >= 0 && fromY < shape.height
              const expected = inside
                ? at(image, shape, fromY, fromX)
                : new Uint8Array(shape.channels).fill(GREY)
              expect(at(out, shape, y, x)).toEqual(expected)
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('four quarter turns of a square are none, and a half turn is both flips', () => {
    const squares = fc.integer({ min: 1, max: 12 }).chain((side) => {
      const length = side * side * 3
      return fc.tuple(fc.constant(side), fc.uint8Array({ minLength: length, maxLength: length }))
    })
    fc.assert(
      fc.property(squares, ([side, image]) => {
        const shape = { height: side, width: side, channels: 3 }
        let turned: Uint8Array = image
        for (let i = 0; i < 4; i++) turned = apply({ name: 'Rotate', value: 90 }, turned, shape)
        expect(turned).toEqual(image)
        const half = apply({ name: 'Rotate', value: 180 }, image, shape)
        const pixels = Array.from({ length: side * side }, (_, i) => [...image.subarray(3 * i, 3 * i + 3)])
        expect([...half]).toEqual(pixels.reverse().flat())
      }),
    )
  })

  it('a translation of more than the image leaves nothing of it', () => {
    const image = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => i % 100)
    const shape = { height: 32, width: 32, channels: 3 }
    const grey = new Uint8Array(image.length).fill(GREY)
    const translated = (level: number) =>
      apply({ name: 'TranslateX', value: opValue('TranslateX', level, AUTOAUGMENT_LIMITS) }, image, shape)
    expect(translated(1)).not.toEqual(grey)
    for (let level = 2; level <= 10; level++) expect(translated(level)).toEqual(grey)
  })
})

describe('values, against their definitions', () => {
  const gradient = Uint8Array.from({ length: 256 }, (_, i) => i)
  const row = { height: 1, width: 256, channels: 1 }

  it('invert, solarize, solarize-add and posterize', () => {
    const of = (name: OpName, value: number) => [...apply({ name, value }, gradient, row)]
    expect(of('Invert', 0)).toEqual([...gradient].map((x) => 255 - x))
    expect(of('Solarize', 100)).toEqual([...gradient].map((x) => (x < 100 ? x : 255 - x)))
    expect(of('Solarize', 256)).toEqual(of('Invert', 0))
    expect(of('SolarizeAdd', 110)).toEqual([...gradient].map((x) => (x < 128 ? Math.min(255, x + 110) : x)))
    expect(of('Posterize', 3)).toEqual([...gradient].map((x) => x - (x % 32)))
    expect(of('Posterize', 0)).toEqual(of('Posterize', 1))
  })

  it('brightness is a product, within a rounding', () => {
    const bright = apply({ name: 'Brightness', value: 1.54 }, gradient, row)
    bright.forEach((value, x) => {
      expect(Math.abs(value - Math.min(255, Math.floor(1.54 * x + 1e-4)))).toBeLessThanOrEqual(1)
    })
  })

  it('contrast blends with the number of pixels over 256, not with the mean', () => {
    const white = new Uint8Array(32 * 32).fill(255)
    const [value] = apply({ name: 'Contrast', value: 0 }, white, { height: 32, width: 32, channels: 1 })
    expect(value).toBe(4)
    const large = new Uint8Array(300 * 300)
    expect(apply({ name: 'Contrast', value: 0 }, large, { height: 300, width: 300, channels: 1 })[0]).toBe(
      255,
    )
  })

  it('autocontrast fills the range and equalize keeps the order, channel by channel', () => {
    fc.assert(
      fc.property(pictures, ([shape, image]) => {
        const stretched = apply({ name: 'AutoContrast', value: 0 }, image, shape)
        const equal = apply({ name: 'Equalize', value: 0 }, image, shape)
        for (let c = 0; c < shape.channels; c++) {
          const own = (pixels: Uint8Array) => [...pixels].filter((_, i) => i % shape.channels === c)
          const [low, high] = [Math.min(...own(image)), Math.max(...own(image))]
          if (low === high) expect(own(stretched)).toEqual(own(image))
          else {
            expect(Math.min(...own(stretched))).toBe(0)
            // The product may be rounded to just below.
            expect(Math.max(...own(stretched))).toBeGreaterThanOrEqual(254)
          }
          const pairs = own(image).map((before, i) => [before, own(equal)[i]])
          pairs.sort(([a], [b]) => a - b)
          for (let i = 1; i < pairs.length; i++) expect(pairs[i][1]).toBeGreaterThanOrEqual(pairs[i - 1][1])
        }
      }),
    )
  })

  it('colour leaves an image of one channel as it is, and greys one of three', () => {
    fc.assert(
      fc.property(pictures, ([shape, image]) => {
        const grey = apply({ name: 'Color', value: 0 }, image, shape)
        if (shape.channels === 1) expect(grey).toEqual(image)
        for (let i = 0; i < grey.length && shape.channels === 3; i += 3) {
          expect([grey[i + 1], grey[i + 2]]).toEqual([grey[i], grey[i]])
          const exact = 0.2989 * image[i] + 0.587 * image[i + 1] + 0.114 * image[i + 2]
          expect(Math.abs(grey[i] - exact)).toBeLessThan(1.01)
        }
      }),
    )
  })

  it('sharpness 0 is the weighted mean of nine, the border as it was', () => {
    fc.assert(
      fc.property(pictures, ([shape, image]) => {
        const { height, width, channels } = shape
        const smooth = apply({ name: 'Sharpness', value: 0 }, image, shape)
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const inside = y > 0 && x > 0 && y < height - 1 && x < width - 1
            for (let c = 0; c < channels; c++) {
              const k = (y * width + x) * channels + c
              if (!inside) {
                expect(smooth[k]).toBe(image[k])
                continue
              }
              let sum = 4 * image[k]
              for (const dy of [-1, 0, 1]) {
                for (const dx of [-1, 0, 1]) sum += image[k + (dy * width + dx) * channels]
              }
              // Where the mean is whole, float32 may land just below it.
              const allowed = sum % 13 === 0 ? [sum / 13, sum / 13 - 1] : [Math.floor(sum / 13)]
              expect(allowed).toContain(smooth[k])
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
