/**
 * The names of checkpoints: `checkpoint_<epoch>` (Flax) and `checkpoint_<epoch>.safetensors` (ours). The newest is the
 * one with the largest number, as flax's natural sort finds it: _10 after _9.
 */

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

/** The path of the newest checkpoint of a folder's files; undefined where there is none. */
export function newestPath(paths: Iterable<string>): string | undefined {
  let best: CheckpointPath | undefined
  for (const path of paths) {
    const candidate = checkpointPath(path)
    if (candidate && isNewer(candidate, best)) best = candidate
  }
  return best?.path
}
