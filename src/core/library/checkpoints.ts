/**
 * A run's checkpoints: what is in them, when one is whole, what a run continues from. Ours are safetensors; beside
 * them, where asked for, the reference's Flax files. A folder with the reference's files only is continued too.
 */
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { costOf } from '../optim/methods'
import type { RunFiles } from '../ports'
import type { RunSnapshot } from '../session/sessionTypes'
import { statCopies } from '../step/replicas'
import { slotsOf } from '../step/state'
import { hyperOf } from '../step/step'
import { fitWeights, stateFrom } from '../weights/fitWeights'
import type { PartLayout } from '../weights/weightParts'
import {
  type DecodedWeights,
  decodeWeights,
  encodeWeights,
  type WeightContents,
  type WeightFormat,
  weightsSum,
} from '../weights/weights'
import { checkpointName, epochEndedAt, inOrder, outdated, stepOfCheckpoint } from './checkpointFiles'
import { FILES } from './record'

/** What a checkpoint knows beyond the vectors. */
export interface CheckpointFacts {
  gradientEvaluations: number
  seconds: number
  evaluatedAt: number
  /** All steps are done and the final evaluation is made. */
  finished: boolean
}

export interface Checkpoint {
  /** In words. */
  path: string
  step: number
  /** `webgpu (…)`, where it was trained; empty where the file does not say. */
  device: string
  facts: CheckpointFacts
  decoded: DecodedWeights
}

/** Keys of a run's checkpoints, the newest first. @param run its folder, with a slash at its end or empty */
export async function newestFirst(files: RunFiles, run: string): Promise<string[]> {
  const folder = run + FILES.checkpoints
  const names = (await files.keys(folder)).map((key) => key.slice(folder.length))
  return inOrder(names)
    .reverse()
    .map((name) => folder + name)
}

/** Where a kept run can be gone on from. */
export interface KeptCheckpoint {
  key: string
  step: number
}

/** Our checkpoints of a run, the extra ones too, by step; of one step the extra one, which stays. */
export async function keptCheckpoints(
  files: Pick<RunFiles, 'keys'>,
  run: string,
  stepsPerEpoch: number,
): Promise<KeptCheckpoint[]> {
  const folder = run + FILES.checkpoints
  const byStep = new Map<number, string>()
  for (const key of await files.keys(folder)) {
    const name = key.slice(folder.length)
    const step = stepOfCheckpoint(name, stepsPerEpoch)
    if (step !== undefined && (name.includes('/') || !byStep.has(step))) byStep.set(step, key)
  }
  return [...byStep].map(([step, key]) => ({ key, step })).sort((a, b) => a.step - b.step)
}

/**
 * The newest checkpoint of a run, if it has any. One that cannot be read is passed over for the one before it.
 * Differs: an empty `checkpoints` folder begins at epoch 0; the reference skips the first epoch there.
 * @param config the run's own
 * @param note is told of what was passed over
 * @throws BasinError `file-format` when there are checkpoints and none can be read
 */
export async function newestCheckpoint(
  files: RunFiles,
  run: string,
  config: RunConfig,
  note: (line: string) => void,
): Promise<Checkpoint | undefined> {
  let first: BasinError | undefined
  for (const key of await newestFirst(files, run)) {
    try {
      return readCheckpoint((await files.get(key)) ?? new Uint8Array(), files.where(key), config)
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      first ??= error
      note(`${error.message}; the checkpoint before it is tried.`)
    }
  }
  if (!first) return undefined
  const folder = files.where(run + FILES.checkpoints)
  throw new BasinError(first.code, first.message, `Delete ${folder} to start the run anew.`)
}

export function readCheckpoint(bytes: Uint8Array, path: string, config: RunConfig): Checkpoint {
  const decoded = decodeWeights(bytes, path)
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
  const epoch = Number(extra.epoch)
  return {
    gradientEvaluations: costOf(config, step, (step / (epoch + 1)) * config.num_epochs),
    seconds: 0,
    evaluatedAt: step,
    finished: epoch >= config.num_epochs - 1,
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
  const fitted = fitWeights(decoded, network)
  const { slots = {}, replicaStats } = fitted
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
  return { ...stateFrom(fitted, config), step, gradientEvaluations, seconds, evaluatedAt }
}

export interface CheckpointContents {
  network: PartLayout & { name: string }
  config: RunConfig
  snapshot: RunSnapshot
  device: string
  finished: boolean
  stepsPerEpoch: number
}

/** Writes the checkpoint of the snapshot's step, then lets the oldest go. @param sum by `checkpointSum`, where it is known */
export async function saveCheckpoint(
  files: RunFiles,
  run: string,
  contents: CheckpointContents,
  sum?: string,
): Promise<void> {
  const folder = run + FILES.checkpoints
  const { step } = contents.snapshot
  const epoch = epochEndedAt(step, contents.stepsPerEpoch)
  const name = checkpointName(step, contents.stepsPerEpoch)
  await files.put(folder + name, encode(contents, 'safetensors', epoch, sum))
  // The reference has no file within an epoch, and would take one for the epoch's end.
  if (contents.config.save_flax_checkpoints && epoch !== undefined) {
    await files.put(`${folder}checkpoint_${epoch}`, encode(contents, 'flax', epoch))
  }
  const names = (await files.keys(folder)).map((key) => key.slice(folder.length))
  await files.remove(outdated(names).map((old) => folder + old))
}

/** The extra checkpoint at the start of `epoch`, which is never let go; without the average, as the reference's. */
export async function saveAdditionalCheckpoint(
  files: RunFiles,
  run: string,
  epoch: number,
  contents: CheckpointContents,
): Promise<void> {
  const key = `${run}${FILES.checkpoints}additional_ckpt_${epoch}/checkpoint_${epoch}`
  const { replicaStats: stats } = contents.snapshot
  const replicaStats = stats && { now: stats.now }
  const plain = { ...contents, snapshot: { ...contents.snapshot, ema: undefined, replicaStats } }
  await files.put(`${key}.safetensors`, encode(plain, 'safetensors', epoch))
  if (contents.config.save_flax_checkpoints) await files.put(key, encode(plain, 'flax', epoch))
}

/** The sum in our file of this state, made beside this thread. */
export const checkpointSum = (contents: CheckpointContents): Promise<string> =>
  weightsSum(inWeights(contents))

/** @param epoch of the Flax file of this state; undefined within an epoch, where there is none */
const encode = (contents: CheckpointContents, format: WeightFormat, epoch?: number, sum?: string) =>
  encodeWeights({ ...inWeights(contents), epoch }, format, sum)

function inWeights({ network, config, snapshot, device, finished }: CheckpointContents): WeightContents {
  const { theta, batchStats, slots, ema, replicaStats, step } = snapshot
  const { gradientEvaluations, seconds, evaluatedAt = step } = snapshot
  const facts: CheckpointFacts = { gradientEvaluations, seconds, evaluatedAt, finished }
  const vectors = { theta, batchStats, slots, ema, replicaStats }
  return { network, ...vectors, config, metrics: facts, step, extra: { device } }
}
