/**
 * Trains a config's runs into their folders, epoch by epoch, with checkpoints in between; goes on where an earlier
 * process stopped. Bit for bit the same run on the same device, however often it is interrupted.
 */

import { join } from 'node:path'
import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import type { Dataset } from '../../core/data/dataset'
import {
  type Checkpoint,
  type CheckpointContents,
  newestCheckpoint,
  toSnapshot,
} from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import { newId, newRecord, parametersSum } from '../../core/library/newRecord'
import type { RunState } from '../../core/library/record'
import type { Network } from '../../core/models/network'
import { createNetwork } from '../../core/models/registry'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../../core/runs/metrics'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import type { RunSnapshot, SessionEvents, SessionProgress } from '../../core/session/sessionTypes'
import { statCopies } from '../../core/step/replicas'
import { pretrainedStart } from '../../core/weights/pretrained'
import type { DecodedWeights } from '../../core/weights/weights'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { openPool } from '../data/datasets'
import { checkRunFolder, runPath } from './runFolder'
import { RunRecorder } from './runRecorder'

/** One run with its folder and what lies in it. */
export interface PlacedRun {
  spec: RunSpec
  folder: string
  files: FolderDataStore
  checkpoint: Checkpoint | undefined
  /** Of a run that has one before it begins. */
  id?: string
}

export interface TrainReport {
  /** A sentence for the person. */
  note(line: string): void
  onStart(session: Session): void
  onRows(run: RunKey, rows: readonly StepMetrics[]): void
  onEvaluation(run: RunKey, metrics: EvalMetrics, final: boolean): void
  onEdge?(run: RunKey, metrics: EdgeMetrics): void
  onProgress(progress: SessionProgress): void
  onTuning?(done: number, total: number): void
}

export type TrainOutcome = 'finished' | 'interrupted' | 'diverged'

/**
 * Finds the runs' folders and what lies in them; writes nothing.
 * @param parent absolute
 * @throws BasinError `config` when a folder is another run's, `storage` when it cannot be made
 */
export async function placeRuns(
  config: RunConfig,
  parent: string,
  note: (line: string) => void,
): Promise<PlacedRun[]> {
  const specs = runSpecs(config)
  const runs: PlacedRun[] = []
  for (const spec of specs) {
    const path = runPath(spec.config)
    // The reference's names say four settings; runs that are alike in these get their own.
    const alike = specs.some((other) => other !== spec && runPath(other.config) === path)
    const folder = alike ? join(parent, path, spec.key) : join(parent, path)
    checkRunFolder(folder, spec.config)
    const files = new FolderDataStore(folder)
    runs.push({ spec, folder, files, checkpoint: await newestCheckpoint(files, '', spec.config, note) })
  }
  return runs
}

const REPLICAS_FROM_MEAN =
  'the checkpoint has the mean of the replicas’ batch-norm statistics, and all of them go on from it.'

export interface TrainOptions {
  config: RunConfig
  runs: readonly PlacedRun[]
  dataset: (spec: RunSpec) => Dataset
  /** What fine-tuning starts from; needed where a run has no checkpoint yet. */
  pretrained?: DecodedWeights
  /** Named in the checkpoints. */
  device: string
  /** What the runs belong to; absent: to each other. */
  experiment?: string
  /** Stops at the next step, saves, and returns 'interrupted'. */
  signal: AbortSignal
  report: TrainReport
}

/** Makes the runs' folders once nothing is left to refuse: what cannot be trained leaves nothing behind. */
export async function trainRuns(options: TrainOptions): Promise<TrainOutcome> {
  const { config, runs, dataset, pretrained, device, experiment = newId(), signal, report } = options
  const resume = Object.fromEntries(
    runs.flatMap((run) => {
      const snapshot = resumedFrom(run, dataset(run.spec), report)
      return snapshot ? [[run.spec.key, snapshot]] : []
    }),
  )
  const fresh = (network: Network, { run_seed }: RunConfig) => {
    const start = pretrained && pretrainedStart(pretrained, network, run_seed)
    if (start) report.note(start.message)
    return start
  }
  const recorders: Record<RunKey, RunRecorder> = {}
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
    onWaypoint(run, waypoint) {
      const { network, config: own } = session.run(run)
      documents.get(run)?.saveWaypoint({ network, config: own, device, waypoint })
      return true
    },
    onEdge(run, metrics) {
      recorders[run]?.addEdge(metrics)
      report.onEdge?.(run, metrics)
    },
    onDiverged(_, __, error) {
      problems.push(error)
    },
    onHint: (run, _, message) => report.note(run ? `${run}: ${message}` : message),
    onProgress: (progress) => report.onProgress(progress),
    onTuning: (done, total) => report.onTuning?.(done, total),
  }
  const session = new Session({ config, dataset, events, fresh, resume, openPool })
  const documents = new Map<RunKey, RunDocument>()
  for (const { spec, files, checkpoint, id } of runs) {
    const run = session.run(spec.key)
    const known = await RunDocument.open(files, '')
    const document =
      known ??
      (await RunDocument.create(files, '', newRecord(run, { id, experiment, session: config, device })))
    const { lines, edges } = await document.continueAt(
      checkpoint?.step ?? 0,
      checkpoint?.facts.evaluatedAt ?? 0,
    )
    run.edges.push(...edges)
    run.watchedAt = edges.at(-1)?.step ?? 0
    document.save({ state: 'running', device })
    documents.set(spec.key, document)
    recorders[spec.key] = new RunRecorder(document, lines)
  }
  report.onStart(session)
  const saver = new Saver(session, documents, device)
  const interrupt = () => void session.pause()
  signal.addEventListener('abort', interrupt)
  try {
    for (;;) {
      await saver.additional(config.additional_checkpoints_at_epochs)
      const outcome = signal.aborted ? 'paused' : await session.train({ until: endOfEpoch(session) })
      if (outcome === 'finished') break
      if (signal.aborted) {
        await saver.all('interrupted')
        return 'interrupted'
      }
      await saver.ifDue(config.save_progress_seconds)
    }
    await saver.all()
  } finally {
    signal.removeEventListener('abort', interrupt)
    // What could not be written was told by whoever waited for it.
    for (const document of documents.values()) await document.close().catch(() => {})
    session.dispose()
  }
  for (const { message, remedy } of problems) report.note(`${message}. ${remedy}`)
  return problems.length > 0 ? 'diverged' : 'finished'
}

/** Where a run goes on; undefined for one that begins. */
function resumedFrom(
  { spec, checkpoint }: PlacedRun,
  dataset: Dataset,
  report: TrainReport,
): RunSnapshot | undefined {
  if (!checkpoint) return undefined
  const { config, key } = spec
  const network = createNetwork(config, dataset, dataset.classNames.length)
  const stepsPerEpoch = stepsAnEpoch(dataset.train.count, config)
  const snapshot = toSnapshot(checkpoint, network, { config, stepsPerEpoch })
  const copies = statCopies(network, config.num_replicas)
  if (copies > 1 && network.stats.size > 0 && !snapshot.replicaStats) {
    report.note(`${key}: ${REPLICAS_FROM_MEAN}`)
  }
  return snapshot
}

/** The end of the first epoch that a run which is still going is in. */
function endOfEpoch({ runs }: Session): (run: SessionRun) => number {
  const epochs = runs.filter((run) => run.going).map((run) => Math.floor(run.step / run.lane.stepsPerEpoch))
  return (run) => (Math.min(...epochs) + 1) * run.lane.stepsPerEpoch
}

/** When and what of a session is saved. */
class Saver {
  #savedAt = performance.now()

  constructor(
    private readonly session: Session,
    private readonly documents: ReadonlyMap<RunKey, RunDocument>,
    private readonly device: string,
  ) {}

  /** @throws BasinError `storage` where something could not be written */
  async ifDue(seconds: number): Promise<void> {
    for (const document of this.documents.values()) await document.written()
    if ((performance.now() - this.#savedAt) / 1000 > seconds) await this.all()
  }

  async all(state: RunState = 'running'): Promise<void> {
    for (const [key, document] of this.documents) {
      const run = this.session.run(key)
      const contents = await this.#contents(run)
      const finished = contents.finished && {
        state: 'finished' as const,
        parametersSha256: await parametersSum(contents.snapshot.theta),
      }
      document.note({ state, ...finished, ...(!run.live && { state: 'diverged' }) })
      document.saveCheckpoint(contents)
      await document.written()
    }
    this.#savedAt = performance.now()
  }

  /** At the start of an epoch that was asked for, of every run that stands there. */
  async additional(epochs: readonly number[]): Promise<void> {
    for (const [key, document] of this.documents) {
      const run = this.session.run(key)
      const epoch = run.step / run.lane.stepsPerEpoch
      if (epochs.includes(epoch)) document.saveAdditional(epoch, await this.#contents(run))
    }
  }

  async #contents(run: SessionRun): Promise<CheckpointContents> {
    const { network, lane, config } = run
    const snapshot = await run.snapshot()
    const finished = run.finalAt === run.totalSteps
    return { network, config, snapshot, device: this.device, finished, stepsPerEpoch: lane.stepsPerEpoch }
  }
}
