/** A weight file on its own, or the newest checkpoint of a .tar or .tar.gz. */
import { BasinError } from '../../base/errors'
import { streamOf } from '../formats/byteStream'
import { isGzip, isTar, type TarFile, tarFiles } from '../formats/tar'
import { NewestByRun } from './newestCheckpoint'

export interface WeightBytes {
  /** For messages: the file, with its archive where it was in one. */
  filename: string
  bytes: Uint8Array
}

/**
 * @throws BasinError `file-format` when an archive is damaged or holds no checkpoint, `config` when it holds those of
 * several runs
 */
export async function openWeightFile(bytes: Uint8Array, filename: string): Promise<WeightBytes> {
  if (!isGzip(bytes) && !isTar(bytes)) return { filename, bytes }
  const newest = new NewestByRun()
  let file: TarFile | undefined
  const wanted = (name: string) => {
    if (!newest.offer(name)) return false
    // The one before it is let go before the next is read.
    file = undefined
    return true
  }
  for await (const taken of tarFiles(streamOf(bytes), { filename, wanted })) file = taken
  newest.newest(filename)
  if (!file) {
    throw new BasinError(
      'file-format',
      `${filename}: a checkpoint_<number> in the archive, got none`,
      'Choose an archive of a run’s checkpoints folder.',
    )
  }
  return { filename: `${filename}: ${file.name}`, bytes: file.bytes }
}
