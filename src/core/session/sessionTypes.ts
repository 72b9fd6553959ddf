/**
 * What goes into a session and what comes out of it: plain data and plain callbacks, the same for the worker and
 * the command line.
 */

import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { Dataset } from '../data/dataset'
import type { FreshStart } from '../models/init'
import type { Network } from '../models/network'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../runs/metrics'
import type { RunSpec } from '../runs/runSpec'
import type { StateArrays } from '../step/snapshot'
import type { LaneOptions } from './lane'

/** Everything a run needs to go on bit for bit; what a checkpoint holds. Plain arrays, nothing on the device. */
export interface RunSnapshot extends StateArrays {
  gradientEvaluations: number
  /** Seconds of training so far. */
  seconds: number
  /** The step of the last evaluation, so that a resumed run neither repeats nor skips one. Absent: `step`. */
  evaluatedAt?: number
}

/** What a run that goes on has been through, beside its weights. */
export interface RunPast {
  rows: readonly StepMetrics[]
  evaluations: readonly EvalMetrics[]
  edges?: readonly EdgeMetrics[]
  /** All steps are done and the final evaluation is made. */
  finished: boolean
  /** The step at which it left the numbers. */
  divergedAt?: number
}

/** Weights on the way: those that train, statistics averaged over replicas. */
export interface Waypoint extends FreshStart {
  step: number
}

/** Where a session is and how fast it goes. */
export interface SessionProgress {
  phase: 'training' | 'evaluation'
  /** Completed steps of the run that is furthest behind, and its last. */
  step: number
  totalSteps: number
  /** Steps (one of each run of a lane) over the last second or so; 0 before the first was measured. */
  stepsPerSecond: number
  /** Images of the streams, not counted once per run. */
  imagesPerSecond: number
  /** Share of the training time in which the loop waited for a batch, 0 to 1, over the same second. */
  dataWaitShare: number
  secondsLeft: number | undefined
  /** What the runs' first steps took, in which kernels are compiled; no run's seconds have it. */
  warmUpSeconds?: number
  /** During an evaluation: batches done and wanted. */
  batchesDone?: number
  batchesTotal?: number
}

/** Callbacks are synchronous and must not throw; the loop waits for none but `afterEvaluation` and `atRest`. */
export interface SessionEvents {
  /** Rows of consecutive steps, all finite; called once per device read. */
  onMetrics?(run: RunKey, rows: readonly StepMetrics[]): void
  onEvaluation?(run: RunKey, metrics: EvalMetrics, final: boolean): void
  /** λ₁ and the edges of where a run stands, where its settings ask for them. */
  onEdge?(run: RunKey, metrics: EdgeMetrics): void
  /**
   * These runs stand still, just evaluated, until the promise settles: the time to copy their weights, when that
   * holds no second state on the device. A rejection ends training.
   */
  afterEvaluation?(runs: readonly RunKey[]): Promise<void>
  /**
   * A run with `trajectory_every` passes: at its beginning, every so many steps and at its end.
   * @returns whether it was taken; one that was not stays with the run, as far as memory goes
   */
  onWaypoint?(run: RunKey, waypoint: Waypoint): boolean
  /** Asked between steps: where it says so, what is unread is read, and then `atRest` has its time. */
  restDue?(): boolean
  /**
   * All runs stand still, nothing is unread, until the promise settles. A rejection ends training.
   * @param interrupted whether somebody has asked to pause or stop meanwhile
   */
  atRest?(interrupted: () => boolean): Promise<void>
  /** The run stopped at `step`; its last proven weights are back. The others go on. */
  onDiverged?(run: RunKey, step: number, error: BasinError): void
  /** `run` is undefined where it is about all of them. */
  onHint?(run: RunKey | undefined, key: string, message: string): void
  onProgress?(progress: SessionProgress): void
  /** Kernels are being timed before they are used first: shapes done and found. */
  onTuning?(done: number, total: number): void
  /** The session is gone, and what was held for it can go too. */
  onDisposed?(): void
}

export interface SessionOptions extends LaneOptions {
  config: RunConfig
  /** Of every run, or of each by its settings. */
  dataset: Dataset | ((spec: RunSpec) => Dataset)
  /** Absent: the ones that the configs name. */
  network?: Network
  events?: SessionEvents
  /** Runs that do not start at θ₀; a run that is missing here starts at step 0 and catches up. */
  resume?: Readonly<Record<RunKey, RunSnapshot>>
}

export type SessionOutcome = 'finished' | 'paused' | 'stopped'
