/**
 * Trains a config's runs into their folders, epoch by epoch, with checkpoints in between; goes on where an earlier
 * process stopped. Bit for bit the same run on the same device, however often it is interrupted.
 */

import { join } from 'node:path'
import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import { createNetwork } from '../../core/models/registry'
import type { EvalMetrics, RunId, StepMetrics } from '../../core/runs/metrics'
import { runSpecs } from '../../core/runs/runSpecs'
import { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import type { RunSpec, SessionEvents, SessionProgress } from '../../core/session/sessionTypes'
import { statCopies } from '../../core/step/replicas'
import { pretrainedStart } from '../../core/weights/pretrained'
import type { DecodedWeights } from '../../core/weights/weights'
import { openPool } from '../data/datasets'
import {
  type Checkpoint,
  type CheckpointContents,
  newestCheckpoint,
  saveAdditionalCheckpoint,
  saveCheckpoint,
  toSnapshot,
} from './checkpoints'
import { checkRunFolder, makeRunFolder, runPath, soloConfig } from './runFolder'
import { RunRecorder } from './runRecorder'

/** One run with its folder and what lies in it. */
export interface PreparedRun {
  spec: RunSpec
  config: RunConfig
  folder: string
  checkpoint: Checkpoint | undefined
}

export interface TrainReport {
  /** A sentence for the person. */
  note(line: string): void
  onStart(session: Session): void
  onRows(run: RunId, rows: readonly StepMetrics[]): void
  onEvaluation(run: RunId, metrics: EvalMetrics, final: boolean): void
  onProgress(progress: SessionProgress): void
  onTuning?(done: number, total: number): void
}

export type TrainOutcome = 'finished' | 'interrupted' | 'diverged'

/**
 * Finds the runs' folders and what lies in them; writes nothing.
 * @param parent absolute
 * @throws BasinError `config` when a folder is another run's, `storage` when it cannot be made
 */
export function prepareRuns(config: RunConfig, parent: string, note: (line: string) => void): PreparedRun[] {
  return runSpecs(config).map((spec) => {
    const own = soloConfig(config, spec)
    const folder = join(parent, runPath(own))
    checkRunFolder(folder, own)
    return { spec, config: own, folder, checkpoint: newestCheckpoint(folder, own, note) }
  })
}

const REPLICAS_FROM_MEAN =
  'the checkpoint has the mean of the replicas’ batch-norm statistics, and all of them go on from it.'

export interface TrainOptions {
  config: RunConfig
  runs: readonly PreparedRun[]
  dataset: Dataset
  /** What fine-tuning starts from; needed where a run has no checkpoint yet. */
  pretrained?: DecodedWeights
  /** Named in the checkpoints. */
  device: string
  /** Stops at the next step, saves, and returns 'interrupted'. */
  signal: AbortSignal
  report: TrainReport
}

/** Makes the runs' folders once nothing is left to refuse: what cannot be trained leaves nothing behind. */
export async function trainRuns(options: TrainOptions): Promise<TrainOutcome> {
  const { config, runs, dataset, pretrained, device, signal, report } = options
  const network = createNetwork(config, dataset, dataset.classNames.length)
  const steps = Math.floor(dataset.train.count / config.batch_size)
  const resume = Object.fromEntries(
    runs.flatMap(({ spec, config: own, checkpoint }) =>
      checkpoint ? [[spec.id, toSnapshot(checkpoint, network, { config: own, stepsPerEpoch: steps })]] : [],
    ),
  )
  const copies = statCopies(network, config.num_replicas)
  if (copies > 1 && network.stats.size > 0) {
    for (const [id, snapshot] of Object.entries(resume)) {
      if (!snapshot.replicaStats) report.note(`${id}: ${REPLICAS_FROM_MEAN}`)
    }
  }
  const fresh = pretrained && pretrainedStart(pretrained, network, config.run_seed)
  if (fresh) report.note(fresh.message)
  const recorders: Partial<Record<RunId, RunRecorder>> = {}
  const problems: BasinError[] = []
  const events: SessionEvents = {
    onMetrics(run, rows) {
      recorders[run]?.addRows(rows)
      report.onRows(run, rows)
    },
    onEvaluation(run, metrics, final) {
      recorders[run]?.addEvaluation(metrics)
      report.onEvaluation(run, metrics, final)
    },
    onDiverged(_, __, error) {
      problems.push(error)
    },
    onHint: (run, _, message) => report.note(run ? `${run}: ${message}` : message),
    onProgress: (progress) => report.onProgress(progress),
    onTuning: (done, total) => report.onTuning?.(done, total),
  }
  const session = new Session({ config, dataset, network, events, fresh, resume, openPool })
  const { stepsPerEpoch } = session
  for (const { spec, config: own, folder, checkpoint } of runs) {
    makeRunFolder(folder, own)
    const resumed = { step: checkpoint?.step ?? 0, evaluatedAt: checkpoint?.facts.evaluatedAt ?? 0 }
    recorders[spec.id] = new RunRecorder({
      folder,
      spec,
      stepsPerEpoch,
      averaged: config.ema_decay > 0,
      resumed,
    })
  }
  report.onStart(session)
  const saver = new Saver(session, runs, device)
  const interrupt = () => void session.pause()
  signal.addEventListener('abort', interrupt)
  try {
    for (;;) {
      await saver.additional(config.additional_checkpoints_at_epochs)
      const until = (Math.floor(session.step / stepsPerEpoch) + 1) * stepsPerEpoch
      const outcome = signal.aborted ? 'paused' : await session.train({ until })
      if (outcome === 'finished') break
      if (signal.aborted) {
        await saver.all()
        return 'interrupted'
      }
      await saver.ifDue(config.save_progress_seconds)
    }
    await saver.all()
  } finally {
    signal.removeEventListener('abort', interrupt)
    for (const recorder of Object.values(recorders)) recorder.close()
    session.dispose()
  }
  for (const { message, remedy } of problems) report.note(`${message}. ${remedy}`)
  return problems.length > 0 ? 'diverged' : 'finished'
}

/** When and what of a session is saved. */
class Saver {
  #savedAt = performance.now()

  constructor(
    private readonly session: Session,
    private readonly runs: readonly PreparedRun[],
    private readonly device: string,
  ) {}

  async ifDue(seconds: number): Promise<void> {
    if ((performance.now() - this.#savedAt) / 1000 > seconds) await this.all()
  }

  async all(): Promise<void> {
    for (const { folder, ...run } of this.runs) saveCheckpoint(folder, await this.#contents(run))
    this.#savedAt = performance.now()
  }

  /** At the start of an epoch that was asked for, of every run that stands there. */
  async additional(epochs: readonly number[]): Promise<void> {
    for (const { folder, ...run } of this.runs) {
      const { step } = this.session.run(run.spec.id)
      const epoch = step / this.session.stepsPerEpoch
      if (epochs.includes(epoch)) saveAdditionalCheckpoint(folder, epoch, await this.#contents(run))
    }
  }

  async #contents({ spec, config }: Pick<PreparedRun, 'spec' | 'config'>): Promise<CheckpointContents> {
    const { network, stepsPerEpoch, totalSteps } = this.session
    const run: SessionRun = this.session.run(spec.id)
    const snapshot = await run.snapshot()
    const finished = run.finalAt === totalSteps
    return { network, config, snapshot, device: this.device, finished, stepsPerEpoch }
  }
}
