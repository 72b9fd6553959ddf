/**
 * IDX, the container of MNIST and Fashion-MNIST: a big-endian header (two zero bytes, element type, rank, one
 * uint32 per dimension), then the elements, last dimension fastest. Only uint8 elements occur in these data sets.
 * Source: the format note on the MNIST page (magic 2051 = rank 3, 2049 = rank 1).
 */
import { BasinError } from '../../../base/errors'

export interface IdxArray {
  shape: number[]
  /** A view of the input, not a copy. */
  data: Uint8Array
}

const UINT8 = 0x08

/**
 * @param bytes the whole file, already unpacked
 * @param name what to call the file in an error
 * @throws BasinError `file-format` when it is not an IDX file of uint8, `data-damaged` when its length is not what
 * its header says
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new BasinError(
      'file-format',
      `${name}: an IDX file begins with two zero bytes, got ${hex(bytes.subarray(0, 4))}`,
      'Choose the original file (unpack .gz first if your tool did not).',
    )
  }
  const [, , type, rank] = bytes
  if (type !== UINT8 || rank === 0) {
    throw new BasinError(
      'file-format',
      `${name}: uint8 elements (type 08), got type ${hex([type])}, rank ${rank}`,
    )
  }
  const headerLength = 4 + 4 * rank
  if (bytes.length < headerLength) throw truncated(name, headerLength, bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  const size = shape.reduce((product, length) => product * length, 1)
  if (bytes.length !== headerLength + size) throw truncated(name, headerLength + size, bytes.length)
  return { shape, data: bytes.subarray(headerLength) }
}

function truncated(name: string, expected: number, got: number): BasinError {
  return new BasinError(
    'data-damaged',
    `${name}: ${expected} bytes by its header, got ${got}`,
    'Download the file again.',
  )
}

function hex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ') || 'nothing'
}
