/** One job of a sweep, trained by the code of `train` into the run's own folder; goes on where one was interrupted. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import { newestCheckpoint } from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import { planRun, seenIn } from '../../core/plan/runPlan'
import { runSpecs } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import type { SessionProgress } from '../../core/session/sessionTypes'
import type { Device } from '../../engine/backend'
import { readStored } from '../data/datasets'
import { pretrainedOf } from '../runs/pretrained'
import { checkRunFolder } from '../runs/runFolder'
import { type PlacedRun, trainRuns } from '../runs/trainRuns'
import { deviceName } from '../terminal/device'
import { FencedFiles } from './fencedFiles'
import { configOf, type Progress, type RunResult, resultOf, type SweepJob } from './job'
import { measureRun } from './measureRun'
import { packState, unpackState } from './sentState'

export interface Task {
  job: SweepJob
  /** Absolute; the run's folder lies in it, below the sweep's name. */
  dir: string
  /** Unlike that of any other attempt. */
  claim: string
  /** What another worker sent of the run, where it did. */
  sent?: Uint8Array
}

export interface TaskWatch {
  signal: AbortSignal
  note(line: string): void
  progress(progress: Progress): void
  /** Where it is given: the state after a checkpoint, as often as asked for. */
  state?: (bytes: Uint8Array) => void
  /** Seconds between two of them at least. */
  stateEvery?: number
}

export const folderOf = (dir: string, { sweep, id }: Pick<SweepJob, 'sweep' | 'id'>): string =>
  join(dir, sweep, id)

/** A sweep's runs are saved more often than a person's, who sees when a machine goes down. */
const SAVE_SECONDS = 30

/** @throws BasinError whatever stands in its way; mayPass says whether trying again can help */
export async function trainJob(task: Task, device: Device, watch: TaskWatch): Promise<RunResult> {
  const { job, dir, claim, sent } = task
  const started = performance.now()
  const config = withSaves(configOf(job.settings))
  const folder = folderOf(dir, job)
  checkRunFolder(folder, config)
  const files = new FencedFiles(folder, claim)
  await files.take()
  if (sent) await takeSent(files, sent, watch)
  const name = deviceName(device)
  const clock = { training: 0 }
  if (!(await isOver(files))) await train(config, files, { job, device, name, watch, clock })
  const over = await isOver(files)
  if (over === 'finished' && !watch.signal.aborted) await measureRun(files, job.measure, name, watch.signal)
  const document = await RunDocument.open(files, '')
  if (!document) throw new BasinError('cancelled', `${folder}: stopped before its first step`)
  const measured = over !== 'finished' || (await hasMeasures(files, job))
  await files.leave()
  const took = { all: (performance.now() - started) / 1000, training: clock.training }
  const result = resultOf(document.record, job.id, { folder, host: hostname(), took })
  return measured ? result : { ...result, state: 'interrupted' }
}

/** The sweep's own choice stands. */
const withSaves = (config: RunConfig): RunConfig =>
  config.save_progress_seconds === 3600 ? { ...config, save_progress_seconds: SAVE_SECONDS } : config

async function takeSent(files: FencedFiles, sent: Uint8Array, { note }: TaskWatch): Promise<void> {
  try {
    const step = await unpackState(files, sent)
    if (step !== undefined) note(`goes on from what another worker sent, at step ${step}`)
  } catch (error) {
    if (!(error instanceof BasinError) || error.code === 'cancelled') throw error
    note(`${error.message}; it is not used`)
  }
}

/** Whether nothing is left to train. */
async function isOver(files: FencedFiles): Promise<'finished' | 'diverged' | undefined> {
  const state = (await RunDocument.open(files, ''))?.record.state
  return state === 'finished' || state === 'diverged' ? state : undefined
}

async function hasMeasures(files: FencedFiles, { measure }: SweepJob): Promise<boolean> {
  const kept = await files.keys('measures/')
  return Object.keys(measure).every((id) => kept.includes(`measures/${id}.npz`))
}

interface Training {
  job: SweepJob
  device: Device
  name: string
  watch: TaskWatch
  clock: { training: number }
}

async function train(config: RunConfig, files: FencedFiles, training: Training): Promise<void> {
  const { job, device, name, watch, clock } = training
  const { note, signal } = watch
  const [spec] = runSpecs(config)
  const checkpoint = await newestCheckpoint(files, '', config, note)
  if (checkpoint) note(`continues at step ${checkpoint.step}`)
  const dataset = await loadDatasets([spec], (own) => readStored(own, signal))
  fits(config, dataset(spec), device)
  const run: PlacedRun = { spec, folder: files.where(''), files, checkpoint, id: job.id }
  if (watch.state) sendStates(files, watch)
  let began = 0
  await trainRuns({
    config,
    runs: [run],
    dataset,
    pretrained: checkpoint ? undefined : await pretrainedOf(config),
    device: name,
    experiment: job.sweep,
    signal,
    report: {
      note,
      onStart() {
        began = performance.now()
      },
      onRows: () => {},
      onEvaluation: () => {},
      onProgress: (progress) => watch.progress(progressOf(progress)),
    },
  })
  clock.training = (performance.now() - began) / 1000
  files.onRecord = undefined
}

/** @throws BasinError `device` */
function fits(config: RunConfig, dataset: Dataset, device: Device): void {
  const { problem } = planRun(config, () => seenIn(dataset), device)
  if (problem) throw problem
}

function progressOf({ step, totalSteps, secondsLeft }: SessionProgress): Progress {
  return { step, totalSteps, ...(secondsLeft !== undefined && { secondsLeft }) }
}

/** Behind the training, one at a time. */
function sendStates(files: FencedFiles, { state, stateEvery = 0, note }: TaskWatch): void {
  let sentAt = Number.NEGATIVE_INFINITY
  let under = false
  files.onRecord = () => {
    if (under || (performance.now() - sentAt) / 1000 < stateEvery) return
    under = true
    sentAt = performance.now()
    packState(files)
      .then((bytes) => bytes && state?.(bytes))
      .catch((error) => note(`its state was not sent: ${(error as Error).message}`))
      .finally(() => {
        under = false
      })
  }
}
