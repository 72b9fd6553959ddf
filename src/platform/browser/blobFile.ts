/** A File of the page as the importer reads it. */
import { BasinError } from '../../base/errors'
import type { InputFile } from '../../core/ports'

/** @param path below what was dropped */
export function blobFile(path: string, blob: Blob): InputFile {
  const unreadable = (error: unknown) =>
    new BasinError(
      'storage',
      `${path}: the file cannot be read any more (${(error as Error).message})`,
      'It may have been moved or changed. Choose it again.',
    )
  return {
    path,
    size: blob.size,
    async slice(start, end) {
      try {
        return new Uint8Array(await blob.slice(start, end).arrayBuffer())
      } catch (error) {
        throw unreadable(error)
      }
    },
    stream: () => blob.stream(),
  }
}
