/**
 * A sum over the tensors of a weight file, kept in its metadata: a flipped bit in a weight is a number like any other,
 * and nothing else in a safetensors file would tell.
 */

import { sha256 as plainSha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { concat } from '../../base/concat'
import { BasinError } from '../../base/errors'
import { sha256 } from '../../base/sha256'
import { bytesOf, type TensorData } from '../formats/tensorData'

/** The key in the metadata. */
export const TENSOR_SUM = 'tensors_sha256'

/**
 * SHA-256 in lower-case hex over the values of all tensors, each as it lies in the file (row-major, little-endian), in
 * the order of their names by code point, with nothing between them. Where in the file they lie does not count, so a
 * library that writes them in an order of its own, and keeps the metadata, keeps the sum true. In Python:
 *     sha256(b''.join(tensors[name].tobytes() for name in sorted(tensors)))
 * Takes no memory beyond the tensors' own.
 */
export function tensorSum(tensors: Tensors): string {
  const hash = plainSha256.create()
  for (const bytes of inOrder(tensors)) hash.update(bytes)
  return bytesToHex(hash.digest())
}

/** More is not copied for a sum. */
const MOST_COPIED = 2 ** 28

/** The same by the platform's own SHA-256, which works beside this thread: on a copy, where that is not too large. */
export async function tensorSumBeside(tensors: Tensors): Promise<string> {
  const parts = inOrder(tensors)
  const size = parts.reduce((sum, { length }) => sum + length, 0)
  return size > MOST_COPIED ? tensorSum(tensors) : sha256(concat(parts))
}

type Tensors = ReadonlyMap<string, { data: TensorData }>

const inOrder = (tensors: Tensors): Uint8Array[] =>
  [...tensors.keys()].sort(byCodePoint).map((name) => bytesOf(tensors.get(name)!.data))

/** JavaScript compares halves of surrogate pairs, and would put them before U+E000 and what follows. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const at = left.findIndex((letter, i) => letter !== right[i])
  if (at < 0) return left.length - right.length
  return at < right.length ? left[at].codePointAt(0)! - right[at].codePointAt(0)! : 1
}

/**
 * Compares the tensors with the sum that stands in their file's metadata; a file without one is taken as it is.
 * @throws BasinError `file-format` where they are others than the file was written with
 */
export function checkTensorSum(tensors: Tensors, metadata: Record<string, string>): void {
  const expected = metadata[TENSOR_SUM]
  if (expected === undefined) return
  const got = tensorSum(tensors)
  if (got === expected) return
  throw new BasinError(
    'file-format',
    `tensors: the values it was written with (SHA-256 ${short(expected)}), got others (${short(got)})`,
    `Get the file again: it is damaged. If its tensors were changed on purpose, take ${TENSOR_SUM} out of its metadata.`,
  )
}

const short = (sum: string) => (sum.length > 12 ? `${sum.slice(0, 12)}…` : sum)
