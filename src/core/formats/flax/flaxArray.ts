/**
 * Arrays in Flax's msgpack files: extension 1, whose payload is msgpack again, [shape, type, row-major bytes].
 * Values stay where they lie in the file until somebody asks for them: a tree of arrays costs no second file.
 * Source: flax.serialization (0.2.2 names types as `<f4`, later versions as `float32`).
 */
import { concat } from '../../../base/concat'
import { elementCount, type NamedTensor, type TensorData, widenBfloat, widenHalf } from '../tensorData'

/** An array whose bytes are a view of the file it came from. */
export interface FlaxArray extends NamedTensor {
  /** Row-major little-endian values, not copied and not aligned. */
  readonly bytes: readonly Uint8Array[]
}

interface DType {
  width: number
  read(buffer: ArrayBuffer): TensorData
}

const F4: DType = { width: 4, read: (buffer) => new Float32Array(buffer) }
const F8: DType = { width: 8, read: (buffer) => new Float64Array(buffer) }
const F2: DType = { width: 2, read: (buffer) => widenHalf(new Uint16Array(buffer)) }
const BF16: DType = { width: 2, read: (buffer) => widenBfloat(new Uint16Array(buffer)) }
const I8: DType = { width: 8, read: (buffer) => new BigInt64Array(buffer) }
const U8: DType = { width: 8, read: (buffer) => new BigUint64Array(buffer) }
const I4: DType = { width: 4, read: (buffer) => new Int32Array(buffer) }
const U4: DType = { width: 4, read: (buffer) => new Uint32Array(buffer) }
const I2: DType = { width: 2, read: (buffer) => new Int16Array(buffer) }
const U2: DType = { width: 2, read: (buffer) => new Uint16Array(buffer) }
const I1: DType = { width: 1, read: (buffer) => new Int8Array(buffer) }
const U1: DType = { width: 1, read: (buffer) => new Uint8Array(buffer) }

const DTYPES = new Map<string, DType>([
  ['<f4', F4],
  ['<f8', F8],
  ['<f2', F2],
  ['<i8', I8],
  ['<u8', U8],
  ['<i4', I4],
  ['<u4', U4],
  ['<i2', I2],
  ['<u2', U2],
  ['|i1', I1],
  ['|u1', U1],
  ['|b1', U1],
  ['float32', F4],
  ['float64', F8],
  ['float16', F2],
  ['bfloat16', BF16],
  ['int64', I8],
  ['uint64', U8],
  ['int32', I4],
  ['uint32', U4],
  ['int16', I2],
  ['uint16', U2],
  ['int8', I1],
  ['uint8', U1],
  ['bool', U1],
])

/** How a rule was broken, for the reader to put the array's name before it. */
export class ArrayFault extends Error {}

/**
 * @param bytes exactly the values, in pieces
 * @throws ArrayFault where type, shape and bytes do not agree
 */
export function flaxArray(shape: number[], dtype: string, bytes: readonly Uint8Array[]): FlaxArray {
  const type = DTYPES.get(dtype)
  if (!type) throw new ArrayFault(`a numeric type as <f4 or float32, got ${dtype.slice(0, 40)}`)
  const count = elementCount(shape)
  const length = bytes.reduce((sum, piece) => sum + piece.length, 0)
  if (length !== count * type.width) {
    throw new ArrayFault(`[${shape}] of ${dtype} is ${count * type.width} bytes, got ${length}`)
  }
  return {
    shape,
    dtype,
    bytes,
    /** A copy, made anew at every call: keep it if it is needed twice. */
    get data() {
      return type.read(concat(bytes).buffer)
    },
  }
}

/** The whole of an array that a later Flax cut into flat chunks. @throws ArrayFault */
export function joinChunks(shape: number[], chunks: readonly FlaxArray[]): FlaxArray {
  const [first] = chunks
  if (!first) throw new ArrayFault('at least one chunk')
  const other = chunks.find(({ dtype }) => dtype !== first.dtype)
  if (other) throw new ArrayFault(`chunks of one type, got ${first.dtype} and ${other.dtype}`)
  return flaxArray(
    shape,
    first.dtype,
    chunks.flatMap(({ bytes }) => bytes),
  )
}
