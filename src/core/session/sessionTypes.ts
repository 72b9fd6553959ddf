/**
 * What goes into a session and what comes out of it: plain data and plain callbacks, the same for the worker and
 * the command line.
 */

import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { OpenPool } from '../data/batches/batchFeed'
import type { Dataset } from '../data/dataset'
import type { Network } from '../models/network'
import type { EvalMetrics, RunId, StepMetrics } from '../runs/metrics'
import type { StateArrays } from '../step/snapshot'

/** One run of a session: the pair differs in nothing but ρ. */
export interface RunSpec {
  id: RunId
  /** 0 for sgd. */
  rho: number
}

/** Everything a run needs to go on bit for bit; what a checkpoint holds. Plain arrays, nothing on the device. */
export interface RunSnapshot extends StateArrays {
  gradientEvaluations: number
  /** Seconds of training so far. */
  seconds: number
  /** The step of the last evaluation, so that a resumed run neither repeats nor skips one. Absent: `step`. */
  evaluatedAt?: number
}

/** Where a session is and how fast it goes. */
export interface SessionProgress {
  phase: 'training' | 'evaluation'
  /** Completed steps of the run that is furthest behind. */
  step: number
  totalSteps: number
  /** Steps (one of each run) over the last second or so; 0 before the first was measured. */
  stepsPerSecond: number
  /** stepsPerSecond × batch size: images of the stream, not counted once per run. */
  imagesPerSecond: number
  /** Share of the training time in which the loop waited for a batch, 0 to 1, over the same second. */
  dataWaitShare: number
  secondsLeft: number | undefined
  /** During an evaluation: batches done and wanted. */
  batchesDone?: number
  batchesTotal?: number
}

/** Callbacks are synchronous and must not throw; the loop waits for none but `afterEvaluation`. */
export interface SessionEvents {
  /** Rows of consecutive steps, all finite; called once per device read. */
  onMetrics?(run: RunId, rows: readonly StepMetrics[]): void
  onEvaluation?(run: RunId, metrics: EvalMetrics, final: boolean): void
  /**
   * These runs stand still, just evaluated, until the promise settles: the time to copy their weights, when that
   * holds no second state on the device. A rejection ends training.
   */
  afterEvaluation?(runs: readonly RunId[]): Promise<void>
  /** The run stopped at `step`; its last proven weights are back. The other run goes on. */
  onDiverged?(run: RunId, step: number, error: BasinError): void
  /** `run` is undefined where it is about all of them. */
  onHint?(run: RunId | undefined, key: string, message: string): void
  onProgress?(progress: SessionProgress): void
  /** Kernels are being timed before they are used first: shapes done and found. */
  onTuning?(done: number, total: number): void
}

export interface SessionOptions {
  config: RunConfig
  dataset: Dataset
  /** Absent: the one that the config names. */
  network?: Network
  events?: SessionEvents
  /** What stands for θ₀ and the first statistics: fine-tuning. */
  fresh?: { theta: Float32Array; batchStats: Float32Array }
  /** Runs that do not start at θ₀; a run that is missing here starts at step 0 and catches up. */
  resume?: Partial<Record<RunId, RunSnapshot>>
  /** Where a policy's image operations are done; absent: on a graphics device if there is one, else on the host. */
  augmentOn?: 'device' | 'host'
  /** Threads that prepare batches ahead; absent: they are prepared between the steps. */
  openPool?: OpenPool
}

export type SessionOutcome = 'finished' | 'paused' | 'stopped'
