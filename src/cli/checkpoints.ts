/**
 * A run's checkpoints: `checkpoints/checkpoint_<epoch>.safetensors` after an epoch (counted from 0), the two newest
 * kept; `checkpoint_<epoch>_step_<step>` within one, when it was interrupted. Written to a temporary name and renamed,
 * so that a file is whole or not there.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunConfig } from '../core/config/schema'
import { BasinError } from '../core/errors'
import { fitWeights } from '../core/formats/fitWeights'
import { type DecodedWeights, decodeWeights, encodeWeights } from '../core/formats/weights'
import type { Network } from '../core/models/network'
import type { RunSnapshot } from '../core/training/sessionTypes'

const KEEP = 2
const NAME = /^checkpoint_(\d+)(?:_step_(\d+))?\.safetensors$/
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
  /** `webgpu (…)`, where it was trained. */
  device: string
  facts: CheckpointFacts
  decoded: DecodedWeights
}

/** The checkpoint of `step`, in the run's own folder. */
export function checkpointName(step: number, stepsPerEpoch: number): string {
  const whole = step > 0 && step % stepsPerEpoch === 0
  const epoch = Math.floor(step / stepsPerEpoch) - (whole ? 1 : 0)
  return whole ? `checkpoint_${epoch}.safetensors` : `checkpoint_${epoch}_step_${step}.safetensors`
}

/** Names in the order they were written: by epoch, within it by step, the epoch's end last. */
export function inOrder(names: readonly string[]): string[] {
  const key = (name: string) => {
    const [, epoch, step] = NAME.exec(name)!
    return [Number(epoch), step === undefined ? Number.POSITIVE_INFINITY : Number(step)]
  }
  return names
    .filter((name) => NAME.test(name))
    .sort((a, b) => {
      const [epochA, stepA] = key(a)
      const [epochB, stepB] = key(b)
      return epochA - epochB || (stepA < stepB ? -1 : stepA > stepB ? 1 : 0)
    })
}

const folderOf = (run: string) => join(run, 'checkpoints')

/**
 * The newest checkpoint of a run, if it has any. One that cannot be read is passed over for the one before it.
 * @param note is told of what was passed over
 * @throws BasinError `file-format` when there are checkpoints and none can be read
 */
export function newestCheckpoint(run: string, note: (line: string) => void): Checkpoint | undefined {
  const folder = folderOf(run)
  if (!existsSync(folder)) return undefined
  let first: BasinError | undefined
  for (const name of inOrder(readdirSync(folder)).reverse()) {
    try {
      return readCheckpoint(join(folder, name))
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      first ??= error
      note(`${error.message}; the checkpoint before it is tried.`)
    }
  }
  if (first) {
    throw new BasinError(first.code, first.message, `Delete ${folder} to start the run anew.`)
  }
  return undefined
}

function readCheckpoint(path: string): Checkpoint {
  const decoded = decodeWeights(readFileSync(path), path)
  const { metrics, step, extra } = decoded
  const number = (name: string) => {
    const value = metrics[name]
    if (typeof value === 'number' && value >= 0) return value
    throw new BasinError('file-format', `${path}: metrics: ${name} is a number, got ${JSON.stringify(value)}`)
  }
  const facts = {
    gradientEvaluations: number('gradientEvaluations'),
    seconds: number('seconds'),
    evaluatedAt: number('evaluatedAt'),
    finished: metrics.finished === true,
  }
  return { path, step, device: extra.device ?? '', facts, decoded }
}

/** @throws BasinError `tensor-mismatch` */
export function toSnapshot({ decoded, facts, step, path }: Checkpoint, network: Network): RunSnapshot {
  const { theta, batchStats, optimizer, ema } = fitWeights(decoded, network)
  if (!optimizer) {
    throw new BasinError('tensor-mismatch', `${path}: has no optimizer/momentum tensors`, 'Delete the file.')
  }
  const { gradientEvaluations, seconds, evaluatedAt } = facts
  return { theta, batchStats, ...optimizer, ema, step, gradientEvaluations, seconds, evaluatedAt }
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
  const folder = folderOf(run)
  const path = join(folder, checkpointName(contents.snapshot.step, contents.stepsPerEpoch))
  write(path, contents)
  const names = inOrder(readdirSync(folder))
  for (const name of names.slice(0, Math.max(0, names.length - KEEP))) rmSync(join(folder, name))
  return path
}

/** The extra checkpoint at the start of `epoch`, which is never let go; without the average, as the reference's. */
export function saveAdditionalCheckpoint(run: string, epoch: number, contents: CheckpointContents): void {
  const path = join(folderOf(run), `additional_ckpt_${epoch}`, `checkpoint_${epoch}.safetensors`)
  write(path, { ...contents, snapshot: { ...contents.snapshot, ema: undefined } })
}

function write(path: string, { network, config, snapshot, device, finished }: CheckpointContents): void {
  const { theta, batchStats, momentum, meanSquare, ema, step } = snapshot
  const { gradientEvaluations, seconds, evaluatedAt = step } = snapshot
  const facts: CheckpointFacts = { gradientEvaluations, seconds, evaluatedAt, finished }
  const optimizer = { momentum, meanSquare }
  const bytes = encodeWeights(
    { network, theta, batchStats, optimizer, ema, config, metrics: facts, step, extra: { device } },
    'safetensors',
  )
  const temporary = join(dirname(path), TEMPORARY)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, bytes, { flush: true })
    renameSync(temporary, path)
  } catch (error) {
    throw new BasinError(
      'storage',
      `${path}: ${(error as Error).message}`,
      'Make room, or use another folder.',
    )
  }
}
