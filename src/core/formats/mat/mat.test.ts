import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { zlibSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../../base/errors'
import { matFile } from '../../data/import/import.testing'
import { streamOf } from '../byteStream'
import { isMat, matVariables } from './mat'
import type { MatValue } from './matValue'

const LIMIT = 2 ** 20
/** All variables of a small file. */
async function read(bytes: Uint8Array): Promise<Map<string, MatValue>> {
  const values = new Map<string, MatValue>()
  for await (const variable of matVariables(streamOf(bytes), 'x.mat')) {
    values.set(variable.name, await variable.value(LIMIT))
  }
  return values
}
const KINDS = new Uint8Array(readFileSync('src/core/data/import/goldens/kinds.mat'))

const plain = matFile(
  { X: { dims: [2, 2], type: 2, values: [1, 2, 3, 4] }, y: { dims: [1, 3], type: 9, values: [1, 2, 10] } },
  true,
)

describe('a .mat file', () => {
  it('reads what scipy wrote: numbers of several types, text, cells, structs', async () => {
    expect(isMat(KINDS)).toBe(true)
    const values = await read(KINDS)
    // Column-major, as in the file.
    expect(values.get('i16')).toMatchObject({ dims: [2, 2], values: Float64Array.of(-3, 7, 2, -32768) })
    expect(values.get('f32')).toMatchObject({ values: Float64Array.of(1.5, -2.25) })
    expect(values.get('f64')).toMatchObject({ values: Float64Array.of(Math.PI) })
    expect(values.get('small')).toMatchObject({ values: Uint8Array.of(7) })
    expect(values.get('text')).toEqual({ kind: 'text', text: 'hello' })
    const names = values.get('names')
    expect(names?.kind === 'cell' && names.items).toEqual(
      ['AM General Hummer', 'Größe ü', 'x'].map((text) => ({ kind: 'text', text })),
    )
    const annotations = values.get('annotations')
    const files = annotations?.kind === 'struct' ? annotations.fields.get('fname') : undefined
    expect(files).toEqual(['00001.jpg', '00002.jpg'].map((text) => ({ kind: 'text', text })))
  })

  it('gives back numbers of either byte order', async () => {
    const doubles = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(doubles, fc.boolean(), async (values, little) => {
        const file = matFile({ a: { dims: [values.length, 1], type: 9, values } }, little)
        expect((await read(file)).get('a')).toMatchObject({ values: Float64Array.from(values) })
      }),
      { numRuns: 50 },
    )
  })

  it('passes over a large compressed variable that nobody reads, and finds the next', async () => {
    const values = new Uint8Array(2 ** 20)
    for (let i = 0, x = 1; i < values.length; i++) {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0
      values[i] = x >>> 16
    }
    const compressed = (name: string, dims: number[], data: Uint8Array) => {
      const packed = zlibSync(matFile({ [name]: { dims, type: 2, values: data } }, true).subarray(128))
      const tag = new Uint32Array([15, packed.length])
      return [...new Uint8Array(tag.buffer), ...packed]
    }
    const file = Uint8Array.from([
      ...plain.subarray(0, 128),
      ...compressed('X', [1024, 1024], values),
      ...compressed('y', [2, 1], Uint8Array.of(4, 5)),
    ])
    const names: string[] = []
    for await (const variable of matVariables(streamOf(file), 'x.mat')) {
      names.push(variable.name)
      if (variable.name === 'y')
        expect(await variable.value(LIMIT)).toMatchObject({ values: Uint8Array.of(4, 5) })
    }
    expect(names).toEqual(['X', 'y'])
  })

  it('level 7.3 is named, with the way out', async () => {
    const file = new Uint8Array(512)
    file.set(new TextEncoder().encode('MATLAB 7.3 MAT-file, Platform: GLNXA64'))
    await expect(read(file)).rejects.toMatchObject({
      code: 'unsupported',
      remedy: expect.stringMatching(/-v7/),
    })
  })
})

describe('a hostile .mat file', () => {
  const ours = (error: unknown) => {
    if (!(error instanceof BasinError)) throw error
  }

  it.each([
    ['compressed', KINDS],
    ['plain', plain],
  ])('cut at any byte it ends in our own error, or between variables (%s)', async (_, file) => {
    let whole = 0
    for (let length = 0; length < file.length; length++) {
      await read(file.subarray(0, length)).then(() => whole++, ours)
    }
    expect(whole).toBeLessThanOrEqual(8)
  })

  it.each([
    ['compressed', KINDS],
    ['plain', plain],
  ])('any bit flipped it is read or refused (%s)', async (_, file) => {
    for (let bit = 0; bit < file.length * 8; bit++) {
      const damaged = file.slice()
      damaged[bit >> 3] ^= 1 << (bit & 7)
      await read(damaged).catch(ours)
    }
  })

  it('10,000 random headers end in our own errors', async () => {
    const body = fc.uint8Array({ minLength: 0, maxLength: 96 })
    const word = fc.oneof(fc.constantFrom(0, 1, 5, 6, 8, 9, 14, 15, 0xffffffff, 0x7fffffff), fc.nat())
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 12 }), body, async (words, tail) => {
        const elements = new Uint8Array(new Uint32Array(words).buffer)
        const file = new Uint8Array(128 + elements.length + tail.length)
        file.set(plain.subarray(0, 128))
        file.set(elements, 128)
        file.set(tail, 128 + elements.length)
        await read(file).catch(ours)
      }),
      { numRuns: 10_000 },
    )
  }, 60_000)
})
