/** Weights on disk: a file, an archive, a run's folder or file, or a folder of checkpoints. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import { openRun } from '../../core/library/archive'
import { inOrder } from '../../core/library/checkpointFiles'
import { FILES } from '../../core/library/record'
import { NewestByRun } from '../../core/weights/newestCheckpoint'
import { openWeightFile } from '../../core/weights/weightArchive'
import { type DecodedWeights, decodeWeights } from '../../core/weights/weights'

/** Which of several runs' folders is meant; undefined where nobody can say. */
export type ChooseRun = (where: string, runs: readonly string[]) => Promise<string | undefined>

/**
 * A weight file, or the newest checkpoint of a folder, an archive or a run's file.
 * @param choose is asked where a folder holds several runs; without it they are refused
 * @throws BasinError `file-format` when there is none, or it is damaged, `config` where it is not said which run's
 */
export async function readWeights(path: string, choose?: ChooseRun): Promise<DecodedWeights> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  const file = isFolder ? (newestOfRun(path) ?? (await newestIn(path, choose))) : path
  const bytes = bytesOf(file)
  const opened = /\.zip$/i.test(file) ? openRunFile(bytes, file) : await openWeightFile(bytes, file)
  return decodeWeights(opened.bytes, opened.filename)
}

/** Of a run that `train` or the page keeps; also one within an epoch, which other programs do not know. */
function newestOfRun(folder: string): string | undefined {
  const checkpoints = join(folder, FILES.checkpoints)
  if (!existsSync(join(folder, FILES.record)) || !existsSync(checkpoints)) return undefined
  const newest = inOrder(readdirSync(checkpoints)).at(-1)
  return newest === undefined ? undefined : join(checkpoints, newest)
}

/** A run as the page and `runs export` save it. */
function openRunFile(bytes: Uint8Array, file: string): { bytes: Uint8Array; filename: string } {
  const { contents } = openRun(bytes, file)
  const names = [...contents.keys()].filter((name) => name.startsWith(FILES.checkpoints))
  const newest = inOrder(names.map((name) => name.slice(FILES.checkpoints.length))).at(-1)
  const found = newest === undefined ? undefined : contents.get(FILES.checkpoints + newest)
  if (found) return { bytes: found, filename: `${file}: ${FILES.checkpoints}${newest}` }
  throw new BasinError(
    'file-format',
    `${file}: a run with a checkpoint, got none`,
    'Export it after an epoch.',
  )
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
