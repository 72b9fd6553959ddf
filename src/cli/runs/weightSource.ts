/** Weights on disk: a file, an archive, a run's folder or one of checkpoints. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import { NewestByRun } from '../../core/weights/newestCheckpoint'
import { openWeightFile } from '../../core/weights/weightArchive'
import { type DecodedWeights, decodeWeights } from '../../core/weights/weights'

/** Which of several runs' folders is meant; undefined where nobody can say. */
export type ChooseRun = (where: string, runs: readonly string[]) => Promise<string | undefined>

/**
 * A weight file, or the newest checkpoint of a folder or archive.
 * @param choose is asked where a folder holds several runs; without it they are refused
 * @throws BasinError `file-format` when there is none, or it is damaged, `config` where it is not said which run's
 */
export async function readWeights(path: string, choose?: ChooseRun): Promise<DecodedWeights> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  const file = isFolder ? await newestIn(path, choose) : path
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

async function newestIn(folder: string, choose?: ChooseRun): Promise<string> {
  const checkpoints = new NewestByRun()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    checkpoints.offer(path.replaceAll('\\', '/'))
  }
  const { runs } = checkpoints
  const chosen = runs.length > 1 && !runs.includes('') ? await choose?.(folder, runs) : undefined
  const newest = chosen === undefined ? checkpoints.newest(folder) : checkpoints.newestOf(chosen)
  if (newest !== undefined) return join(folder, newest)
  throw new BasinError(
    'file-format',
    `${folder}: a checkpoint_<number> in the folder, got none`,
    'Give a folder of checkpoints, or one weight file.',
  )
}
