import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { decodeNpy, encodeNpy } from './npy'
import { decodeNpz, encodeNpz } from './npz'
import type { TensorData, TensorInput } from './tensorData'

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`goldens/${name}`, import.meta.url)))

function complaint(bytes: Uint8Array): string | undefined {
  try {
    decodeNpz(bytes)
    return undefined
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    expect(error.code).toBe('file-format')
    return error.message
  }
}

describe.each(['numpy.npz', 'numpy_compressed.npz'])('%s, as numpy.savez wrote it', (file) => {
  const tensors = decodeNpz(golden(file))
  const values = (name: string) => [...(tensors.get(name)?.data ?? [])]

  it('is read with its types, orders and shapes', () => {
    expect(values('f4')).toEqual([1.5, -2, 3, Infinity])
    expect(tensors.get('fortran')).toMatchObject({ shape: [2, 3, 4], dtype: '<f4' })
    expect(values('fortran')).toEqual(Array.from({ length: 24 }, (_, i) => i))
    expect(values('big')).toEqual([1, -2, 70000])
    expect(values('half')).toEqual([1, -0.5])
    expect(tensors.get('scalar')).toMatchObject({ shape: [], dtype: '<f8' })
    expect(values('scalar')).toEqual([2.5])
    expect(tensors.get('empty')?.shape).toEqual([0, 3])
    expect(values('i8')).toEqual([2n ** 62n, -1n])
    expect(values('u1')).toEqual([0, 255])
    expect(values('b')).toEqual([1, 0])
    expect(values('a/kernel')).toEqual([7])
    expect(values('/bn:mean')).toEqual([8])
  })

  it('is refused when cut anywhere', () => {
    const bytes = golden(file)
    for (let length = 0; length < bytes.length; length++) {
      expect(complaint(bytes.subarray(0, length)), `cut at ${length}`).toBeTypeOf('string')
    }
  })

  it('gives the same values or a message for any flipped bit, never others', () => {
    const bytes = golden(file)
    // A flipped bit may go unseen only where it says nothing about the arrays: dates, versions, file attributes, names.
    const known = [...tensors.values()].map(({ data }) => String([...data])).sort()
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Uint8Array.from(bytes)
      flipped[at] ^= 1 << (at & 7)
      if (complaint(flipped) === undefined) {
        const got = [...decodeNpz(flipped).values()].map(({ data }) => String([...data])).sort()
        expect(got, `bit of byte ${at}`).toEqual(known)
      }
    }
  })
})

describe('damage', () => {
  it('is named with its array', () => {
    const bytes = encodeNpz({ first: { shape: [2], data: new Float32Array([1, 2]) } })
    const at = bytes.length - 22 - (46 + 'first.npy'.length) - 1
    bytes[at] ^= 1
    expect(complaint(bytes)).toBe('zip: first.npy: its bytes do not match their checksum')
  })

  // Each would take far more memory than the file has bytes.
  it('that makes two arrays of the same bytes is refused', () => {
    const one = { shape: [2], data: new Float32Array([1, 2]) }
    const bytes = encodeNpz({ first: one, second: one })
    const view = new DataView(bytes.buffer)
    const second = bytes.length - 22 - (46 + 'second.npy'.length)
    view.setUint32(second + 42, 0, true)
    expect(complaint(bytes)).toBe('zip: second.npy: shares bytes with the file before it')
  })

  it('that claims to unpack to gigabytes is refused before any is unpacked', () => {
    const bytes = golden('numpy_compressed.npz')
    const view = new DataView(bytes.buffer)
    const first = view.getUint32(bytes.length - 22 + 16, true)
    view.setUint32(first + 24, 2 ** 31, true)
    expect(complaint(bytes)).toBe('zip: unpacks to at most 8 times its size, got more')
  })

  it('that really does is refused, and an optimizer’s zeros are not', () => {
    const zeros = (length: number) => ({
      'm.npy': encodeNpy({ shape: [length], data: new Float32Array(length) }),
    })
    expect(complaint(zipSync(zeros(20 * 2 ** 20)))).toBe('zip: unpacks to at most 8 times its size, got more')
    expect(complaint(zipSync(zeros(15 * 2 ** 20)))).toBeUndefined()
  })

  it.each([
    ['no array', new Uint8Array([1, 2, 3])],
    ['a type of objects', header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")],
    ['a record type', header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }")],
    ['too few values', header("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }")],
    ['a huge shape', header("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }")],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeNpy(bytes, 'w')).toThrow(/^npy: array w: /)
  })
})

function header(text: string): Uint8Array {
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length, 0, ...Buffer.from(text)])
}

describe('round trip', () => {
  it('gives back names, shapes and bits', () => {
    const data = fc.oneof(
      fc.float32Array().map((x) => x as TensorData),
      fc.float64Array(),
      fc.int32Array(),
      fc.uint8Array(),
      fc.bigInt64Array(),
    )
    const tensor = data.map((values): TensorInput => ({ shape: [1, values.length, 1], data: values }))
    const name = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(fc.array(fc.tuple(name, tensor)), (list) => {
        const tensors = new Map(list)
        const back = decodeNpz(encodeNpz(tensors))
        expect(new Map([...back].map(([key, { shape, data }]) => [key, { shape, data }]))).toEqual(tensors)
      }),
    )
  })

  it('starts the values at a multiple of 64 bytes and reads version 2', () => {
    const bytes = encodeNpy({ shape: [1], data: new Float32Array([3]) })
    expect((bytes.length - 4) % 64).toBe(0)
    const length = bytes[8] + 256 * bytes[9]
    const second = Uint8Array.from([...bytes.subarray(0, 6), 2, 0, length & 255, length >> 8, 0, 0])
    const whole = Uint8Array.from([...second, ...bytes.subarray(10)])
    expect(decodeNpy(whole, 'w').data).toEqual(new Float32Array([3]))
  })
})
