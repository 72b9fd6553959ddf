/**
 * A run's checkpoints: what is in them, when one is whole, what a run continues from. Ours are safetensors; beside
 * them, where asked for, the reference's Flax files. A folder with the reference's files only is continued too.
 * Written to a temporary name and renamed, so that a file is whole or not there.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import type { Network } from '../../core/models/network'
import { costOf } from '../../core/optim/methods'
import type { RunSnapshot } from '../../core/session/sessionTypes'
import { statCopies } from '../../core/step/replicas'
import { slotsOf } from '../../core/step/state'
import { hyperOf } from '../../core/step/step'
import { fitWeights } from '../../core/weights/fitWeights'
import {
  type DecodedWeights,
  decodeWeights,
  encodeWeights,
  type WeightFormat,
} from '../../core/weights/weights'
import { diskReason, makeFolder } from '../../platform/node/folders'
import {
  checkpointName,
  checkpointsOf,
  epochEndedAt,
  newestFirst,
  pruneCheckpoints,
} from './checkpointFolder'

const TEMPORARY = 'checkpoint_tmp'

/** What a checkpoint knows beyond the vectors. */
export interface CheckpointFacts {
  gradientEvaluations: number
  seconds: number
  evaluatedAt: number
  /** All steps are done and the final evaluation is made. */
  finished: boolean
}

export interface Checkpoint {
  path: string
  step: number
  /** `webgpu (…)`, where it was trained; empty where the file does not say. */
  device: string
  facts: CheckpointFacts
  decoded: DecodedWeights
}

/**
 * The newest checkpoint of a run, if it has any. One that cannot be read is passed over for the one before it.
 * Differs: an empty `checkpoints` folder begins at epoch 0; the reference skips the first epoch there.
 * @param config the run's own
 * @param note is told of what was passed over
 * @throws BasinError `file-format` when there are checkpoints and none can be read
 */
export function newestCheckpoint(
  run: string,
  config: RunConfig,
  note: (line: string) => void,
): Checkpoint | undefined {
  let first: BasinError | undefined
  for (const path of newestFirst(run)) {
    try {
      return readCheckpoint(path, config)
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      first ??= error
      note(`${error.message}; the checkpoint before it is tried.`)
    }
  }
  if (!first) return undefined
  throw new BasinError(first.code, first.message, `Delete ${checkpointsOf(run)} to start the run anew.`)
}

function readCheckpoint(path: string, config: RunConfig): Checkpoint {
  const decoded = decodeWeights(readFileSync(path), path)
  const { step, extra, implied } = decoded
  const facts = implied ? factsOfFlax(decoded, config) : factsOf(decoded)
  return { path, step, device: extra.device ?? '', facts, decoded }
}

function factsOf({ metrics, filename }: DecodedWeights): CheckpointFacts {
  const number = (name: string) => {
    const value = metrics[name]
    if (typeof value === 'number' && value >= 0) return value
    const got = JSON.stringify(value)
    throw new BasinError('file-format', `${filename}: metrics: ${name} is a number, got ${got}`)
  }
  return {
    gradientEvaluations: number('gradientEvaluations'),
    seconds: number('seconds'),
    evaluatedAt: number('evaluatedAt'),
    finished: metrics.finished === true,
  }
}

/** The reference's file knows step and epoch; what it cost is counted as if every step was this run's. */
function factsOfFlax({ filename, step, extra, implied }: DecodedWeights, config: RunConfig): CheckpointFacts {
  if (extra.epoch === undefined) {
    throw new BasinError('file-format', `${filename}: a training state, got weights alone`)
  }
  if (implied?.use_rmsprop !== config.use_rmsprop) {
    const [had, has] = implied?.use_rmsprop ? ['RMSProp', 'SGD'] : ['SGD', 'RMSProp']
    throw new BasinError(
      'config',
      `${filename}: use_rmsprop: it was trained with ${had}, these settings are for ${has}`,
      'Set use_rmsprop as it was.',
    )
  }
  return {
    gradientEvaluations: costOf(config, step),
    seconds: 0,
    evaluatedAt: step,
    finished: Number(extra.epoch) >= config.num_epochs - 1,
  }
}

/**
 * @throws BasinError `tensor-mismatch`; `config` where a Flax file's step is not its epoch's end in this run, which
 * counts epochs by steps
 */
export function toSnapshot(
  { decoded, facts, step, path }: Checkpoint,
  network: Network,
  { config, stepsPerEpoch }: { config: RunConfig; stepsPerEpoch: number },
): RunSnapshot {
  const { epoch } = decoded.extra
  if (decoded.implied && step !== (Number(epoch) + 1) * stepsPerEpoch) {
    throw new BasinError(
      'config',
      `${path}: after epoch ${epoch} at ${stepsPerEpoch} steps an epoch: step ${(Number(epoch) + 1) * stepsPerEpoch}, got ${step}`,
      'Train with the batch size and the images it was trained with, or start anew from it with pretrained_path.',
    )
  }
  const { theta, batchStats, slots = {}, ema, replicaStats } = fitWeights(decoded, network)
  const lost = slotsOf(hyperOf(config)).find(({ name }) => !slots[name])
  if (lost) {
    const what = lost.file.replace(/\/$/, '')
    throw new BasinError('tensor-mismatch', `${path}: has no ${what} tensors`, 'Delete the file.')
  }
  const rows = replicaStats && replicaStats.now.length / network.stats.size
  if (rows !== undefined && rows !== statCopies(network, config.num_replicas)) {
    throw new BasinError(
      'tensor-mismatch',
      `${path}: replicas: statistics of ${statCopies(network, config.num_replicas)}, got ${rows}`,
      'Delete the file.',
    )
  }
  const { gradientEvaluations, seconds, evaluatedAt } = facts
  const average = config.ema_decay > 0 ? { ema: ema ?? { theta, batchStats } } : {}
  const state = { theta, batchStats, slots, ...average, ...(replicaStats && { replicaStats }) }
  return { ...state, step, gradientEvaluations, seconds, evaluatedAt }
}

export interface CheckpointContents {
  network: Network
  config: RunConfig
  snapshot: RunSnapshot
  device: string
  finished: boolean
  stepsPerEpoch: number
}

/** Writes the checkpoint of the snapshot's step and lets the oldest go. @returns its path */
export function saveCheckpoint(run: string, contents: CheckpointContents): string {
  const folder = checkpointsOf(run)
  const { step } = contents.snapshot
  const path = join(folder, checkpointName(step, contents.stepsPerEpoch))
  const epoch = epochEndedAt(step, contents.stepsPerEpoch)
  write(path, contents, 'safetensors', epoch)
  // The reference has no file within an epoch, and would take one for the epoch's end.
  if (contents.config.save_flax_checkpoints && epoch !== undefined) {
    write(join(folder, `checkpoint_${epoch}`), contents, 'flax', epoch)
  }
  pruneCheckpoints(folder)
  return path
}

/** The extra checkpoint at the start of `epoch`, which is never let go; without the average, as the reference's. */
export function saveAdditionalCheckpoint(run: string, epoch: number, contents: CheckpointContents): void {
  const path = join(checkpointsOf(run), `additional_ckpt_${epoch}`, `checkpoint_${epoch}`)
  const { replicaStats: stats } = contents.snapshot
  const replicaStats = stats && { now: stats.now }
  const plain = { ...contents, snapshot: { ...contents.snapshot, ema: undefined, replicaStats } }
  write(`${path}.safetensors`, plain, 'safetensors', epoch)
  if (contents.config.save_flax_checkpoints) write(path, plain, 'flax', epoch)
}

/** @param epoch of the Flax file of this state; undefined within an epoch, where there is none */
function write(path: string, contents: CheckpointContents, format: WeightFormat, epoch?: number): void {
  const { network, config, snapshot, device, finished } = contents
  const { theta, batchStats, slots, ema, replicaStats, step } = snapshot
  const { gradientEvaluations, seconds, evaluatedAt = step } = snapshot
  const facts: CheckpointFacts = { gradientEvaluations, seconds, evaluatedAt, finished }
  const vectors = { theta, batchStats, slots, ema, replicaStats }
  const bytes = encodeWeights(
    { network, ...vectors, config, metrics: facts, step, epoch, extra: { device } },
    format,
  )
  const temporary = join(dirname(path), TEMPORARY)
  try {
    makeFolder(dirname(path))
    writeFileSync(temporary, bytes, { flush: true })
    renameSync(temporary, path)
  } catch (error) {
    throw new BasinError('storage', `${path}: ${diskReason(error)}`, 'Make room, or use another folder.')
  }
}
