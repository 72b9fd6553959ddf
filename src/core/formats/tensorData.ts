/** Arrays that files hold, and the two things every format needs to know of them. */
import { BasinError } from '../../base/errors'

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** What a file takes: row-major values and their shape; the array's class is the type in the file. */
export interface TensorInput {
  shape: readonly number[]
  data: TensorData
}

/** What a file gives. */
export interface NamedTensor {
  shape: number[]
  /** The type as the file names it (`F32`, `<f4`); half-precision types arrive widened to Float32Array. */
  dtype: string
  data: TensorData
}

export type TensorInputs = ReadonlyMap<string, TensorInput> | Readonly<Record<string, TensorInput>>

/** Elements of a shape; 1 for a scalar. Infinity or NaN when it cannot be one. */
export function elementCount(shape: readonly unknown[]): number {
  let count = 1
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || (extent as number) < 0) return Number.NaN
    count *= extent as number
  }
  return count <= Number.MAX_SAFE_INTEGER ? count : Number.POSITIVE_INFINITY
}

/** @throws BasinError `internal` where a shape does not have as many elements as its values */
export function tensorEntries(tensors: TensorInputs, where: string): [string, TensorInput][] {
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors)
  for (const [name, { shape, data }] of entries as [string, TensorInput][]) {
    const count = elementCount(shape)
    if (count !== data.length) {
      throw new BasinError(
        'internal',
        `${where}: tensor ${name} has shape [${shape}] and ${data.length} values`,
      )
    }
  }
  return entries as [string, TensorInput][]
}

/** The bytes of an array, not copied. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** IEEE half precision, [n] bit patterns → [n] values. */
export function widenHalf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 0) return sign * fraction * 2 ** -24
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

/** bfloat16, the upper half of a float32. */
export function widenBfloat(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half * 65536).buffer)
}
