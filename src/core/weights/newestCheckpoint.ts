/**
 * The names of checkpoints: `checkpoint_<epoch>` (Flax) and `checkpoint_<epoch>.safetensors` (ours). The newest is the
 * one with the largest number, as flax's natural sort finds it: _10 after _9.
 */
import { BasinError } from '../../base/errors'

const NAME = /^checkpoint_(\d{1,15})(\.safetensors)?$/

export interface CheckpointPath {
  path: string
  /** The number in the name. */
  epoch: number
  /** Folders above it. */
  depth: number
}

/** @returns undefined where the last part of the path is no checkpoint's name (`checkpoint_tmp` is none) */
export function checkpointPath(path: string): CheckpointPath | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const [, epoch] = NAME.exec(parts.at(-1) ?? '') ?? []
  return epoch === undefined ? undefined : { path, epoch: Number(epoch), depth: parts.length - 1 }
}

/** Whether `a` is what a run of these files continues from rather than `b`: extra checkpoints lie a folder deeper. */
export function isNewer(a: CheckpointPath, b: CheckpointPath | undefined): boolean {
  if (!b || a.depth !== b.depth) return !b || a.depth < b.depth
  return a.epoch === b.epoch ? a.path.endsWith('.safetensors') : a.epoch > b.epoch
}

/** The extra checkpoints of a run lie in folders of their own beside the others. */
const WITHIN_RUN = /^(additional_ckpt_\d+|checkpoints)$/

/** The folder of the run that a checkpoint is of: without `checkpoints` and `additional_ckpt_<epoch>` at its end. */
function runOf({ path, depth }: CheckpointPath): string {
  const folders = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .slice(0, depth)
  while (folders.length > 0 && WITHIN_RUN.test(folders.at(-1)!)) folders.pop()
  return folders.join('/')
}

/** The newest checkpoint of each run, while paths come one by one. */
export class NewestByRun {
  readonly #best = new Map<string, CheckpointPath>()

  /** @returns whether this is a checkpoint, and the one to take if no more paths come and nothing is to be refused */
  offer(path: string): boolean {
    const candidate = checkpointPath(path)
    if (!candidate) return false
    const run = runOf(candidate)
    if (!isNewer(candidate, this.#best.get(run))) return false
    this.#best.set(run, candidate)
    return run === '' || this.#best.size === 1
  }

  /** Folders of the runs; '' is the folder that was looked through. */
  get runs(): string[] {
    return [...this.#best.keys()].sort()
  }

  /**
   * The newest checkpoint of the folder's own run, or of the only run below it; undefined where there is none.
   * @throws BasinError `config` where several runs lie below, naming them
   */
  newest(where: string): string | undefined {
    const own = this.newestOf('')
    if (own !== undefined) return own
    const { runs } = this
    if (runs.length > 1) throw severalRuns(where, runs)
    return this.newestOf(runs[0])
  }

  newestOf(run: string): string | undefined {
    return this.#best.get(run)?.path
  }
}

/** How many runs a message names. */
const SHOWN = 20

function severalRuns(where: string, runs: readonly string[]): BasinError {
  const more = runs.length > SHOWN ? [`… and ${runs.length - SHOWN} more`] : []
  const list = [...runs.slice(0, SHOWN), ...more].map((run) => `\n  ${run}`).join('')
  return new BasinError(
    'config',
    `${where}: one run, got ${runs.length}:${list}`,
    'Give the path of one of them.',
  )
}

/**
 * The path of the newest checkpoint of a folder's files; undefined where there is none.
 * @param where for messages
 * @throws BasinError `config` where they are of several runs
 */
export function newestPath(paths: Iterable<string>, where: string): string | undefined {
  const newest = new NewestByRun()
  for (const path of paths) newest.offer(path)
  return newest.newest(where)
}
