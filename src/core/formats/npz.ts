/** .npz: a zip archive of .npy files, one an array, as numpy.savez writes it. */
import { zipSync } from 'fflate'
import { BasinError } from '../../base/errors'
import { decodeNpy, encodeNpy } from './npy'
import { type NamedTensor, type TensorInputs, tensorEntries } from './tensorData'
import { unzip } from './zip'

const SUFFIX = '.npy'
/** The same arrays give the same bytes. The archive's years begin in 1980, counted in local time. */
const EPOCH = new Date(1980, 0, 1)

/** @returns the archive, not compressed: weights hardly shrink, and every reader can map it */
export function encodeNpz(tensors: TensorInputs): Uint8Array {
  const files = tensorEntries(tensors, 'npz').map(
    ([name, tensor]) => [`${name}${SUFFIX}`, encodeNpy(tensor)] as const,
  )
  return zipSync(Object.fromEntries(files), { level: 0, mtime: EPOCH })
}

/** @throws BasinError `file-format` naming the array or the part of the archive that is damaged */
export function decodeNpz(bytes: Uint8Array): Map<string, NamedTensor> {
  const tensors = new Map<string, NamedTensor>()
  for (const [file, content] of unzip(bytes)) {
    if (!file.endsWith(SUFFIX)) {
      throw new BasinError(
        'file-format',
        `npz: only .npy files in the archive, got ${file}`,
        'Choose a file that numpy.savez or Basin wrote.',
      )
    }
    const name = file.slice(0, -SUFFIX.length)
    tensors.set(name, decodeNpy(content, name))
  }
  return tensors
}
