/** The codecs of page and Node, on what Pillow wrote. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { crc32 } from '../../core/formats/crc32'
import { imageHeader } from '../../core/formats/imageHeader'
import { PROBES, probeBytes } from '../browser/probePictures'
import { nodeDecoder, nodeEncoder } from '../node/imageCodecs'
import { pictureDecoder } from './pictureCodecs'

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

  it('reads every good PNG after any number of damaged ones', async () => {
    const whole = golden('plain.png')
    const before = await decode(whole, 'png')
    for (let i = 0; i < 1500; i++) {
      const cut = whole.subarray(0, 30 + (i % (whole.length - 50)))
      await expect(decode(cut, 'png')).rejects.toThrow(/damaged png/)
    }
    for (let i = 0; i < 40; i++) expect(await decode(whole, 'png')).toEqual(before)
  })

  it.each(['jpeg', 'png', 'webp'] as const)(
    'says of a %s codec that cannot be loaded that it cannot, and tries again with the next picture',
    async (kind) => {
      let answers = 0
      const flaky = pictureDecoder(async () => {
        answers++
        throw new Error('answered 404')
      })
      for (let i = 1; i <= 2; i++) {
        await expect(flaky(golden(kind === 'jpeg' ? 'plain.jpg' : 'plain.png'), kind)).rejects.toMatchObject({
          code: 'not-loaded',
          message: expect.stringMatching(/answered 404/),
        })
        expect(answers).toBe(i)
      }
    },
  )

  it('refuses a GIF whose codes lead round in its table', async () => {
    const bytes = new Uint8Array(readFileSync(join(GOLDENS, 'hang.gif')))
    await expect(decode(bytes, 'gif')).rejects.toThrow(/damaged gif/)
  })

  it('comes to an end with any damage to a GIF', async () => {
    // omggif says there what it thinks of a stream's length.
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const gif = new Uint8Array(readFileSync(join(GOLDENS, 'two.gif')))
    const change = fc.tuple(fc.nat(gif.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = gif.slice()
        for (const [at, value] of changes) damaged[at] = value
        await decode(damaged, 'gif').catch((error) => expect(error.message).toMatch(/damaged gif/))
      }),
      { numRuns: 3000 },
    )
    log.mockRestore()
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
