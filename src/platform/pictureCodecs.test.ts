/** The codecs of page and Node, on what Pillow wrote. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imageHeader } from '../core/data/import/imageHeader'
import { crc32 } from '../core/formats/crc32'
import { PROBES, probeBytes } from './browser/probePictures'
import { nodeDecoder, nodeEncoder } from './node/imageCodecs'

const decode = nodeDecoder(process.cwd())
const GOLDENS = 'src/platform/goldens'
const expected: Record<string, [[number, number], string]> = JSON.parse(
  readFileSync(join(GOLDENS, 'pillow.json'), 'utf8'),
)
const golden = (name: string) => new Uint8Array(readFileSync(join('src/core/data/import/goldens', name)))

describe('pictureDecoder', () => {
  it('makes of the probe pictures what browsers are asked for', async () => {
    for (const probe of PROBES) {
      const { width, height, rgba } = await decode(probeBytes(probe), 'jpeg')
      expect([width, height]).toEqual([19, 13])
      expect(crc32(rgba as Uint8Array)).toBe(probe.crc32)
    }
  })

  it.each([
    ['cmyk.jpg', 3],
    ['two.gif', 0],
    ['odd.bmp', 0],
    ['alpha.png', 0],
  ] as const)('%s: Pillow’s pixels, to %i', async (name, tolerance) => {
    const bytes = new Uint8Array(readFileSync(join(GOLDENS, name)))
    const [[width, height], hex] = expected[name]
    const picture = await decode(bytes, imageHeader(bytes)!.kind)
    expect([picture.width, picture.height]).toEqual([width, height])
    const pixels = Buffer.from(hex, 'hex')
    const channels = pixels.length / (width * height)
    let worst = 0
    pixels.forEach((value, i) => {
      const got = picture.rgba[4 * Math.floor(i / channels) + (i % channels)]
      worst = Math.max(worst, Math.abs(value - got))
    })
    expect(worst).toBeLessThanOrEqual(tolerance)
  })

  it('goes on after a damaged file', async () => {
    const whole = golden('plain.jpg')
    const before = await decode(whole, 'jpeg')
    const damaged = whole.slice()
    damaged.fill(0xff, 160, 400)
    await expect(decode(damaged, 'jpeg')).rejects.toThrow(/damaged jpeg/)
    expect(await decode(whole, 'jpeg')).toEqual(before)
  })

  it('refuses other kinds of BMP and GIF frames beyond their picture', async () => {
    const bmp = new Uint8Array(readFileSync(join(GOLDENS, 'odd.bmp')))
    for (const [at, value] of [
      [28, 8],
      [25, 0x80],
      [22, 200],
    ]) {
      const other = bmp.slice()
      other[at] = value
      await expect(decode(other, 'bmp').then(({ width }) => width)).rejects.toThrow(
        /of a kind that is not read/,
      )
    }
    const gif = new Uint8Array(readFileSync(join(GOLDENS, 'two.gif')))
    // An image descriptor at the corner, of the whole picture.
    const frame = Buffer.from(gif).indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 22, 0, 18, 0]))
    gif[frame + 1] = 1
    await expect(decode(gif, 'gif').then(({ width }) => width)).rejects.toThrow(/damaged gif/)
  })
})

describe('pictureEncoder', () => {
  it('is read again as nearly the same picture', async () => {
    const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, k) => 40 + 2 * (Math.floor(k / 3) % 32))
    const file = await nodeEncoder(process.cwd())(pixels, 32)
    const { rgba } = await decode(file, 'jpeg')
    for (let p = 0; p < 32 * 32; p++) expect(Math.abs(rgba[4 * p] - pixels[3 * p])).toBeLessThanOrEqual(4)
  })
})
