/** Weights on disk: a file, an archive, a run's folder or one of checkpoints. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BasinError } from '../base/errors'
import { newestPath } from '../core/formats/checkpointNames'
import { openWeightFile } from '../core/formats/weightArchive'
import { type DecodedWeights, decodeWeights } from '../core/formats/weights'

/**
 * A weight file, or the newest checkpoint of a folder or archive.
 * @throws BasinError `file-format` when there is none, or it is damaged
 */
export async function readWeights(path: string): Promise<DecodedWeights> {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? newestIn(path) : path
  const opened = await openWeightFile(bytesOf(file), file)
  return decodeWeights(opened.bytes, opened.filename)
}

function bytesOf(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file))
  } catch (error) {
    throw new BasinError('file-format', `${file}: ${(error as Error).message}`, 'Check the path.')
  }
}

function newestIn(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const newest = newestPath(paths.map((path) => path.replaceAll('\\', '/')))
  if (newest !== undefined) return join(folder, newest)
  throw new BasinError(
    'file-format',
    `${folder}: a checkpoint_<number> in the folder, got none`,
    'Give a folder of checkpoints, or one weight file.',
  )
}
