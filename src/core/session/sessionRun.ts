/**
 * One run of a session: its state on the device, its history, and the weights it can go back to.
 * The loss of a step is known only some steps later, when the device is read. So the state at the start of every
 * chunk of unread steps is held (tensors are immutable: holding one copies nothing), and becomes the proven state
 * once all of the chunk's numbers have come back finite.
 */
import * as tf from '../../engine/tf'
import type { FieldName, RunConfig } from '../config/schema'
import type { Dataset } from '../data/dataset'
import { productBatch } from '../landscape/curvature/objective'
import type { Network } from '../models/network'
import { costAt } from '../optim/methods'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../runs/metrics'
import { MetricsBuffer } from '../runs/metricsBuffer'
import type { RunSpec } from '../runs/runSpec'
import { makeAccumulatedStep } from '../step/accumulated'
import { guessingLoss } from '../step/loss'
import { meanStats, statCopies } from '../step/replicas'
import { stateFromSnapshot, stateToArrays } from '../step/snapshot'
import { cloneState, createTrainState, disposeState, stateTensors } from '../step/state'
import { hyperOf, makeBatchStep, type TrainStep, unpackStepMetrics } from '../step/step'
import type { DeviceBatch, StepHyper, StepNumbers, TrainState } from '../step/types'
import { divergedError, whatDiverged } from './divergence'
import { EdgeWatch, type WatchedPoint } from './edgeWatch'
import type { Lane } from './lane'
import type { RunPast, RunSnapshot, Waypoint } from './sessionTypes'
import { isWaypoint, type Stretch, WayHeld, waypoints } from './way'

/** What is remembered of a step until its numbers arrive. */
export interface UnreadStep {
  run: SessionRun
  step: number
  learningRate: number
  gradientEvaluations: number
  /** Those of this step. */
  cost: number
  /** The run's first step here: its kernels are compiled in it. */
  first: boolean
  /** Set on the first step of a chunk. */
  before?: TrainState
}

export class SessionRun implements RunSpec {
  readonly key: RunKey
  readonly label: string
  readonly config: RunConfig
  readonly differs: FieldName[]
  /** Its last step. */
  readonly totalSteps: number
  readonly history = new MetricsBuffer()
  readonly evaluations: EvalMetrics[] = []
  readonly edges: EdgeMetrics[] = []
  /** Set when a number was not finite: the step it happened at. The state is then the proven one. */
  divergedAt: number | undefined
  gradientEvaluations = 0
  /**
   * Seconds of training, without pauses, evaluations and what came with its first step here: compiling. On a device that works behind our back only the time of
   * a whole step of all runs can be measured; each run is charged its share of the gradient evaluations.
   */
  seconds = 0
  evaluatedAt = 0
  /** The step whose curvature was looked at last. */
  watchedAt = 0
  finalAt: number | undefined
  hinted = false
  /** Weights on its way that nobody else keeps. */
  readonly way = new WayHeld()
  /** Of the last waypoint. */
  passedAt: number | undefined
  /** How often other weights were put in its place. */
  replaced = 0

  readonly #copies: number
  readonly #hyper: StepHyper
  readonly #step: TrainStep<readonly DeviceBatch[]>
  /** Of its first step here, at least that of guessing. */
  #startLoss: number | undefined
  #hasStepped = false
  /** Of `evaluated`, made when asked for. */
  #mean: { of: tf.Tensor1D; stats: tf.Tensor1D } | undefined
  #watch: EdgeWatch | undefined
  #state: TrainState
  #proven: TrainState

  constructor(
    spec: RunSpec,
    readonly lane: Lane,
    resume?: RunSnapshot,
  ) {
    const { key, label, config, differs } = spec
    this.key = key
    this.label = label
    this.config = config
    this.differs = differs
    const { network, start } = lane
    this.totalSteps = lane.stepsPerEpoch * config.num_epochs
    this.#copies = statCopies(network, config.num_replicas)
    this.#hyper = hyperOf(config)
    this.#step = (config.full_batch ? makeAccumulatedStep : makeBatchStep)(network, this.#hyper)
    if (resume) {
      this.#state = stateFromSnapshot(resume, this.#copies)
      this.#takeCounters(resume)
    } else {
      this.#state = createTrainState(network, this.#hyper, start.theta, start.batchStats)
    }
    this.#proven = cloneState(this.#state)
  }

  /** Completed updates. */
  get step(): number {
    return this.#state.step
  }

  get live(): boolean {
    return this.divergedAt === undefined
  }

  /** Whether steps are left to make. */
  get going(): boolean {
    return this.live && this.step < this.totalSteps
  }

  get network(): Network {
    return this.lane.network
  }

  get dataset(): Dataset {
    return this.lane.dataset
  }

  /** Of a snapshot. */
  get stateBytes(): number {
    return stateTensors(this.#state).reduce((sum, { size }) => sum + 4 * size, 0)
  }

  /** How its way is kept. */
  get stretch(): Stretch {
    const { config, lane, totalSteps } = this
    return { every: config.trajectory_every, stepsPerEpoch: lane.stepsPerEpoch, totalSteps }
  }

  /** Of all weights on its way. */
  get wayBytes(): number {
    const { params, stats } = this.network
    return waypoints(this.stretch) * 4 * (params.size + stats.size)
  }

  /** The weights that are evaluated: the average where there is one, statistics [S] averaged over replicas. Borrowed: dispose nothing, keep nothing. */
  get evaluated(): { theta: tf.Tensor1D; batchStats: tf.Tensor1D } {
    const { theta, batchStats } = this.#state.ema ?? this.#state
    const { size } = this.network.stats
    if (batchStats.size === size) return { theta, batchStats }
    if (this.#mean?.of !== batchStats) {
      this.#mean?.stats.dispose()
      this.#mean = { of: batchStats, stats: tf.keep(meanStats(batchStats, size)) }
    }
    return { theta, batchStats: this.#mean.stats }
  }

  /** Whether its weights are to be kept here as a part of its way, and are not yet. */
  get passes(): boolean {
    if (!this.live || this.passedAt === this.step) return false
    return isWaypoint(this.step, this.stretch)
  }

  /** Call when nothing is unread. */
  async waypoint(): Promise<Waypoint> {
    const { step, theta, batchStats } = this.training()
    try {
      return {
        step,
        theta: (await theta.data()) as Float32Array,
        batchStats: (await batchStats.data()) as Float32Array,
      }
    } finally {
      tf.dispose([theta, batchStats])
    }
  }

  /** What the next update begins with: weights, and statistics [S] averaged over replicas. The caller's to dispose. */
  training(): { step: number; theta: tf.Tensor1D; batchStats: tf.Tensor1D } {
    const { step, theta, batchStats } = this.#state
    return { step, theta: theta.clone(), batchStats: meanStats(batchStats, this.network.stats.size) }
  }

  /**
   * One update; nothing is read.
   * @returns metrics [5] on the device, and what to remember until they are read
   */
  advance(
    batches: readonly DeviceBatch[],
    numbers: StepNumbers,
    chunkStarts: boolean,
  ): { metrics: tf.Tensor1D; unread: UnreadStep } {
    const before = chunkStarts ? cloneState(this.#state) : undefined
    const previous = this.#state
    const { state, metrics } = this.#step(previous, batches, numbers)
    this.#state = state
    disposeState(previous)
    const cost = costAt(this.#hyper, previous.step, this.totalSteps)
    this.gradientEvaluations += cost
    const unread = {
      run: this,
      step: state.step,
      learningRate: numbers.learningRate,
      gradientEvaluations: this.gradientEvaluations,
      cost,
      first: !this.#hasStepped,
      before,
    }
    this.#hasStepped = true
    return { metrics, unread }
  }

  /** Makes known what a step on such batches runs; computes nothing. */
  record(batches: readonly DeviceBatch[], numbers: StepNumbers): void {
    this.#step.record(this.#state, batches, numbers)
  }

  /**
   * Takes the numbers of consecutive steps, the first of which began a chunk.
   * @returns the rows that are finite, and the error when one was not
   */
  settle(rows: { unread: UnreadStep; values: Float32Array; seconds: number }[]) {
    const finite: StepMetrics[] = []
    const before = rows[0]?.unread.before
    let error: ReturnType<typeof divergedError> | undefined
    for (const { unread, values, seconds } of rows) {
      if (!this.live) break
      this.seconds += seconds
      const row = toRow(unread, values, this.seconds)
      this.#startLoss ??= this.#startLossOf(row)
      const what = whatDiverged(row, this.#startLoss)
      if (what) {
        this.divergedAt = unread.step
        error = divergedError(this, unread.step, what, this.#proven.step)
        this.#goBack()
      } else {
        this.history.push(row)
        finite.push(row)
      }
    }
    if (before) {
      if (this.live) {
        disposeState(this.#proven)
        this.#proven = before
      } else disposeState(before)
    }
    return { finite, error }
  }

  /** Whether the curvature of where it stands is still to be looked at. */
  get watchDue(): boolean {
    const { top_eigenvalue_every: every } = this.config
    return this.live && every > 0 && this.step > 0 && this.step % every === 0 && this.watchedAt !== this.step
  }

  /**
   * Looks at the curvature of where it stands. Call when nothing is unread.
   * @returns undefined where it was interrupted, or is no number
   */
  async watch(interrupted: () => boolean): Promise<EdgeMetrics | undefined> {
    const began = performance.now()
    const point = this.training()
    try {
      this.#watch ??= await this.#openWatch(point)
      const found = await this.#watch.measure(point, interrupted)
      if (interrupted()) return undefined
      this.watchedAt = point.step
      if (!found) return undefined
      const { seconds, gradientEvaluations, lane } = this
      const before = this.edges.at(-1)?.edgeSeconds ?? 0
      const epoch = point.step / lane.stepsPerEpoch
      const edgeSeconds = before + (performance.now() - began) / 1000
      const metrics = { ...found, epoch, seconds, gradientEvaluations, edgeSeconds }
      this.edges.push(metrics)
      return metrics
    } finally {
      tf.dispose([point.theta, point.batchStats])
    }
  }

  async #openWatch(point: WatchedPoint): Promise<EdgeWatch> {
    const { network, lane, config, totalSteps } = this
    const { stepsPerEpoch } = lane
    const count = Math.min(config.top_eigenvalue_images, this.dataset.train.count)
    const images = await lane.lookedAt(count, productBatch(network, count), false)
    const small =
      config.batch_sharpness && !config.full_batch ? await lane.lookedAt(count, config.batch_size, true) : []
    const options = { network, config, hyper: this.#hyper, totalSteps, stepsPerEpoch, images, small }
    return new EdgeWatch(options, point)
  }

  /** Call when nothing is unread: the state as it stands is what a later divergence goes back to at the earliest. */
  async snapshot(): Promise<RunSnapshot> {
    const held = cloneState(this.#state)
    const { gradientEvaluations, seconds, evaluatedAt } = this
    try {
      return {
        ...(await stateToArrays(held, this.network.stats.size)),
        gradientEvaluations,
        seconds,
        evaluatedAt,
      }
    } finally {
      disposeState(held)
    }
  }

  /** Takes back what it has been through; its weights are those it was resumed with. */
  restore({ rows, evaluations, edges = [], finished, divergedAt }: RunPast): void {
    for (const row of rows) this.history.push(row)
    this.evaluations.push(...evaluations)
    this.edges.push(...edges)
    this.watchedAt = edges.at(-1)?.step ?? 0
    // As if it had never been interrupted, it diverges by its own first step.
    if (rows.length > 0) this.#startLoss = this.#startLossOf(rows[0])
    if (finished) this.finalAt = this.step
    this.divergedAt = divergedAt
  }

  /** Puts other weights in this run's place; its history and evaluations begin anew. */
  replace(start: RunSnapshot): void {
    this.#disposeStates()
    this.#state = stateFromSnapshot(start, this.#copies)
    this.#proven = cloneState(this.#state)
    this.#takeCounters(start)
    this.history.clear()
    this.evaluations.length = 0
    this.edges.length = 0
    this.watchedAt = 0
    this.divergedAt = undefined
    this.#startLoss = undefined
    this.finalAt = undefined
    this.hinted = false
    this.way.clear()
    this.passedAt = undefined
    this.replaced++
  }

  dispose(): void {
    this.#disposeStates()
    this.#watch?.dispose()
    this.#step.dispose()
  }

  #startLossOf({ loss }: StepMetrics): number {
    return Math.max(loss, guessingLoss(this.config.loss, this.network.numClasses))
  }

  #disposeStates(): void {
    disposeState(this.#state)
    disposeState(this.#proven)
    this.#mean?.stats.dispose()
    this.#mean = undefined
  }

  #goBack(): void {
    disposeState(this.#state)
    this.#state = cloneState(this.#proven)
  }

  #takeCounters({ gradientEvaluations, seconds, evaluatedAt, step }: RunSnapshot): void {
    this.gradientEvaluations = gradientEvaluations
    this.seconds = seconds
    this.evaluatedAt = evaluatedAt ?? step
  }
}

function toRow(unread: UnreadStep, values: Float32Array, seconds: number): StepMetrics {
  const { step, learningRate, gradientEvaluations } = unread
  return { step, ...unpackStepMetrics(values), learningRate, gradientEvaluations, seconds }
}
