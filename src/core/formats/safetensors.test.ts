import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { decodeSafetensors, encodeSafetensors } from './safetensors'
import type { TensorData, TensorInput } from './tensorData'

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`goldens/${name}`, import.meta.url)))

/** A file of this header and so many value bytes. */
function fileOf(header: unknown, valueBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + valueBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

/** What decoding ends in: the message, or undefined when it went well. Other errors than ours fail the test. */
function complaint(bytes: Uint8Array): string | undefined {
  try {
    decodeSafetensors(bytes)
    return undefined
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    expect(error.code).toBe('file-format')
    expect(error.remedy).not.toBe('')
    return error.message
  }
}

describe('files of the safetensors library (0.8.0, numpy)', () => {
  const { tensors, metadata } = decodeSafetensors(golden('huggingface.safetensors'))
  const values = (name: string) => [...(tensors.get(name)?.data ?? [])]

  it('reads every type with its values', () => {
    expect(values('f64')).toEqual([1.5, -2.25])
    expect(values('f32')).toEqual([
      Math.fround(0.1),
      -Infinity,
      NaN,
      Math.fround(1e-45),
      Math.fround(3.4e38),
      -0,
    ])
    expect(values('f16')).toEqual([1, -2.5, 65504, 2 ** -24, Infinity, 0.333251953125])
    expect(values('i64')).toEqual([2n ** 62n, -1n])
    expect(values('u64')).toEqual([2n ** 64n - 1n])
    expect(values('i32')).toEqual([-2147483648, 7])
    expect(values('u32')).toEqual([4294967295])
    expect(values('i16')).toEqual([-32768, 5])
    expect(values('u16')).toEqual([65535])
    expect(values('i8')).toEqual([-128, 127, 3])
    expect(values('u8')).toEqual([0, 255, 17])
    expect(values('bool')).toEqual([1, 0, 1])
  })

  it('reads scalars, empty tensors, names in any script and the metadata', () => {
    expect(tensors.get('scalar')).toMatchObject({ shape: [], dtype: 'F32' })
    expect(tensors.get('empty')?.shape).toEqual([0, 3])
    expect(values('deep/näme "quoted"')).toEqual([1, 2])
    expect(metadata).toEqual({ format: 'np', note: 'π "x"' })
  })

  it('reads the goldens of the reference, also out of a Buffer at an odd offset', () => {
    const bytes = golden('losses.safetensors')
    const shifted = Buffer.alloc(bytes.length + 3)
    shifted.set(bytes, 3)
    const decoded = decodeSafetensors(shifted.subarray(3)).tensors
    shifted.fill(0)
    expect(decoded.get('logits')?.shape).toEqual([7, 10])
    expect(decoded.get('logits')?.data[0]).toBe(new DataView(bytes.buffer).getFloat32(8 + 256, true))
    expect([...decoded.get('onehot')!.data].reduce<number>((sum, x) => sum + Number(x), 0)).toBe(7)
  })
})

describe('damage', () => {
  it('refuses a file cut at any byte', () => {
    const bytes = golden('losses.safetensors')
    for (let length = 0; length < bytes.length; length++) {
      expect(complaint(bytes.subarray(0, length)), `cut at ${length}`).toBeTypeOf('string')
    }
  })

  it('refuses bytes after the last tensor', () => {
    const bytes = golden('losses.safetensors')
    expect(complaint(Uint8Array.from([...bytes, 0]))).toContain('1 bytes after the last')
  })

  it('meets any flipped header bit with our own error or a whole set of tensors', () => {
    const original = golden('losses.safetensors')
    const header = 8 + 256
    for (let bit = 0; bit < header * 8; bit++) {
      const bytes = Uint8Array.from(original)
      bytes[bit >> 3] ^= 1 << (bit & 7)
      complaint(bytes)
    }
  })

  it('survives arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        complaint(bytes)
      }),
    )
    fc.assert(
      fc.property(fc.json(), fc.nat(16), (header, size) => {
        complaint(fileOf(header, size))
      }),
    )
  })

  it('names the tensor however deep its header nests', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    for (const fields of [
      `"dtype":${deep},"shape":[1],"data_offsets":[0,4]`,
      `"dtype":"F32","shape":${deep},"data_offsets":[0,4]`,
      `"dtype":"F32","shape":[1],"data_offsets":${deep}`,
    ]) {
      expect(complaint(fileOf(`{"a":{${fields}}}`, 4))).toMatch(/tensor "a": .*too deep/)
    }
  })

  const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets: offsets,
  })
  it.each([
    ['overlap', { a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, 12, /tensor "b".*overlap/],
    ['the same range twice', { a: entry([1], [0, 4]), b: entry([1], [0, 4]) }, 4, /tensor "b".*overlap/],
    ['a gap', { a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12, /tensor "b".*gap/],
    ['an end outside the file', { a: entry([4], [0, 16]) }, 12, /tensor "a".*ends by byte 12/],
    ['a shape that is not its bytes', { a: entry([3], [0, 8]) }, 8, /tensor "a".*12 bytes, got 8/],
    ['a huge shape', { a: entry([2 ** 40, 2 ** 40], [0, 8]) }, 8, /tensor "a"/],
    ['a negative size', { a: entry([-1], [0, 8]) }, 8, /tensor "a".*shape/],
    ['offsets that are no numbers', { a: entry([1], ['0', '4']) }, 4, /tensor "a".*data_offsets/],
    ['offsets backwards', { a: entry([0], [4, 0]) }, 4, /tensor "a".*data_offsets/],
    ['a type nobody knows', { a: entry([1], [0, 4], 'F31') }, 4, /tensor "a".*dtype.*"F31"/],
    ['an entry that is a list', { a: [] }, 0, /tensor "a".*object/],
    ['metadata with a number', { __metadata__: { step: 3 } }, 0, /__metadata__.*"step"/],
    ['a header that is a list', [], 0, /JSON object/],
    ['no JSON', '{"a":', 0, /JSON/],
    [
      'a name that stands twice',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}, "\\u0061" : {"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      /tensor "a".*once/,
    ],
  ])('names the tensor: %s', (_, header, size, expected) => {
    expect(complaint(fileOf(header, size))).toMatch(expected)
  })
})

describe('round trip', () => {
  const data = fc.oneof(
    fc.float32Array().map((x) => x as TensorData),
    fc.float64Array(),
    fc.int32Array(),
    fc.uint8Array(),
    fc.int16Array(),
    fc.bigInt64Array(),
  )
  const tensor = data.map((values): TensorInput => ({ shape: [1, values.length], data: values }))
  const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__')

  it('gives back names, shapes, bits and metadata', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, tensor)), fc.dictionary(name, fc.string()), (list, metadata) => {
        const tensors = new Map(list)
        const bytes = encodeSafetensors(tensors, metadata)
        const back = decodeSafetensors(bytes)
        expect(new Map([...back.tensors].map(([key, { shape, data }]) => [key, { shape, data }]))).toEqual(
          tensors,
        )
        expect(back.metadata).toEqual(metadata)
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0)
      }),
    )
  })

  it('refuses a shape that does not fit its values', () => {
    expect(() => encodeSafetensors({ a: { shape: [2], data: new Float32Array(3) } })).toThrow(
      /tensor a has shape \[2\] and 3 values/,
    )
  })
})
