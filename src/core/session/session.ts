/**
 * The training loop of one config: one run, or a pair that starts from the same weights and sees the same batches,
 * step by step in turn. No DOM, no worker: the page's worker and the command line drive the same object.
 *
 * The loop never waits for anyone but the device, and for that only so that it is not left behind (bulkReader.ts).
 */

import { BasinError } from '../../base/errors'
import { augmentsImages } from '../../engine/ops/augmentImages/augmentImages'
import { decodesImages } from '../../engine/ops/decodeImages/decodeImages'
import { type TuneWatch, tune } from '../../engine/tuning/tune'
import type { RunConfig } from '../config/schema'
import { blankHint } from '../data/augment/blankHint'
import { BatchFeed, type BatchPool } from '../data/batches/batchFeed'
import { BatchStream } from '../data/batches/batchStream'
import type { Dataset } from '../data/dataset'
import { type Evaluate, makeEvaluate } from '../evaluation/evaluate'
import { gatesOfStep } from '../models/gates'
import { initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { createNetwork } from '../models/registry'
import { learningRateAt } from '../optim/schedule'
import { Breather } from '../queue/breather'
import { BulkReader, type ReadRow } from '../queue/bulkReader'
import { disposeBatch, uploadBatch } from '../queue/deviceBatch'
import type { RunId } from '../runs/metrics'
import { runSpecs } from '../runs/runSpecs'
import { DEAD_HINT, deadCheckStep, looksDead } from './divergence'
import { RateMeter } from './rateMeter'
import { evaluateRuns } from './sessionEvaluation'
import { SessionRun, type UnreadStep } from './sessionRun'
import type { RunSnapshot, SessionEvents, SessionOptions, SessionOutcome } from './sessionTypes'

export class Session {
  readonly config: RunConfig
  readonly dataset: Dataset
  readonly network: Network
  readonly stepsPerEpoch: number
  readonly totalSteps: number
  readonly runs: readonly SessionRun[]

  readonly #events: SessionEvents
  readonly #batches: BatchFeed
  readonly #reader: BulkReader<UnreadStep[]>
  readonly #rate = new RateMeter()
  readonly #evaluator: Evaluate
  #tuned = false
  #command: 'paused' | 'stopped' | undefined
  #active: Promise<SessionOutcome> | undefined

  /** @throws BasinError `config` when there are fewer training images than one batch */
  constructor({
    config,
    dataset,
    network,
    events = {},
    fresh,
    resume = {},
    augmentOn,
    openPool,
  }: SessionOptions) {
    this.config = config
    this.dataset = dataset
    this.#events = events
    const stream = new BatchStream(dataset, config)
    const deviceDecodes =
      decodesImages() && stream.decodableWhere(augmentsImages(stream.recipe.stored, augmentOn))
    const pool = deviceDecodes ? undefined : openPool?.(stream.recipe)
    this.#batches = new BatchFeed(stream, pool, deviceDecodes)
    this.stepsPerEpoch = stream.stepsPerEpoch
    this.totalSteps = this.stepsPerEpoch * config.num_epochs
    this.network = network ?? createNetwork(config, dataset, dataset.classNames.length)
    this.#evaluator = makeEvaluate(this.network, config)
    const start = fresh ?? {
      theta: initTheta(this.network, config.run_seed),
      batchStats: initBatchStats(this.network),
    }
    this.runs = runSpecs(config).map(
      (spec) => new SessionRun(spec, this.network, config, resume[spec.id] ?? start),
    )
    this.#reader = new BulkReader({ onRows: (rows, seconds) => this.#settle(rows, seconds) })
  }

  /** Completed steps of the run that is furthest behind (of those still going, if any is). */
  get step(): number {
    const going = this.runs.filter((run) => run.live)
    return Math.min(...(going.length > 0 ? going : this.runs).map((run) => run.step))
  }

  /** Threads that prepare images of its data set; undefined where there are none. */
  get threads(): BatchPool | undefined {
    return this.#batches.pool
  }

  get running(): boolean {
    return this.#active !== undefined
  }

  /** @throws BasinError `config` when this session has no such run */
  run(id: RunId): SessionRun {
    const run = this.runs.find((candidate) => candidate.id === id)
    if (!run) {
      const known = this.runs.map((candidate) => candidate.id).join(', ')
      throw new BasinError('config', `run: one of ${known}, got ${id}`)
    }
    return run
  }

  /**
   * Trains until the end, a pause or a stop; nothing is unread when it resolves. Rejects when the device fails.
   * May be called again after 'paused'.
   * @param until pauses when this many steps are done and what is due there is evaluated: where a checkpoint is made
   */
  train({ until = Number.POSITIVE_INFINITY } = {}): Promise<SessionOutcome> {
    if (this.#active) throw new BasinError('internal', 'session: already running')
    this.#command = undefined
    this.#rate.reset()
    const blank = this.step === 0 ? blankHint(this.#batches.recipe) : undefined
    if (blank) this.#events.onHint?.(undefined, 'blank', blank)
    this.#active = this.#loop(until).finally(() => {
      this.#active = undefined
    })
    return this.#active
  }

  /** Resolves when the loop stands still, at a step boundary. An evaluation under way is given up and made up for later. */
  async pause(): Promise<void> {
    this.#command ??= 'paused'
    await this.#active
  }

  async stop(): Promise<void> {
    this.#command = 'stopped'
    await this.#active
  }

  /**
   * One step of each run that is not at the end. While standing still only.
   * @returns true when the last step is done and only the final evaluation (by `train`) is left
   */
  async stepOnce(): Promise<boolean> {
    if (this.#active) throw new BasinError('internal', 'session: already running')
    this.#active = this.#single().finally(() => {
      this.#active = undefined
    })
    await this.#active
    return !this.runs.some((run) => run.live && run.step < this.totalSteps)
  }

  snapshot(id: RunId): Promise<RunSnapshot> {
    return this.run(id).snapshot()
  }

  /** Frees every tensor. The session must stand still. */
  dispose(): void {
    this.#batches.dispose()
    this.#reader.dispose()
    for (const run of this.runs) run.dispose()
    this.#evaluator.dispose()
  }

  async #single(): Promise<SessionOutcome> {
    this.#reader.restartClock()
    await this.#advance()
    await this.#reader.drain()
    return 'paused'
  }

  async #loop(until: number): Promise<SessionOutcome> {
    const breather = new Breather()
    this.#reader.restartClock()
    try {
      for (;;) {
        if (this.#command) {
          await this.#reader.drain()
          return this.#command
        }
        if (this.#due().length > 0) {
          await this.#reader.drain()
          // Reading may have sent a run back; ask again.
          await this.#evaluate(this.#due(), false)
        } else if (this.step >= until && this.step < this.totalSteps) {
          await this.#reader.drain()
          return 'paused'
        } else if (await this.#advance()) {
          await this.#reader.breathe()
          await breather.breathe()
        } else {
          await this.#reader.drain()
          if (
            await this.#evaluate(
              this.runs.filter((run) => run.finalAt !== run.step),
              true,
            )
          )
            return 'finished'
        }
      }
    } finally {
      await this.#reader.settled()
    }
  }

  /** Runs that stand at a boundary whose evaluation is still to be made. The last step's is the final one. */
  #due(): SessionRun[] {
    const every = this.config.evaluate_every * this.stepsPerEpoch
    return this.runs.filter(
      (run) =>
        run.live &&
        run.step > 0 &&
        run.step < this.totalSteps &&
        run.step % every === 0 &&
        run.evaluatedAt !== run.step,
    )
  }

  /** One step of the runs that are furthest behind, on the batch of that step. @returns false when all are done */
  async #advance(): Promise<boolean> {
    const going = this.runs.filter((run) => run.live && run.step < this.totalSteps)
    if (going.length === 0) return false
    const { config } = this
    const step = Math.min(...going.map((run) => run.step))
    const learningRate = learningRateAt(config, step, this.stepsPerEpoch)
    const every = config.perturbed_loss_every
    const probe = every > 0 && step % every === 0 && config.sam_rho > 0 ? config.sam_rho : undefined
    const images = await this.#batches.take(step, this.totalSteps)
    const batch = uploadBatch(images, this.dataset, this.#gatesAt(step))
    const probeOf = (run: SessionRun) => (run.rho > 0 ? undefined : probe)
    if (!this.#tuned) {
      this.#tuned = true
      await tune(() => {
        for (const run of going) run.prepare(batch, learningRate, probeOf(run))
      }, this.#tuneWatch)
    }
    // Reading may have sent a run back while the batch was waited for.
    const behind = going.filter((run) => run.live && run.step === step)
    if (behind.length === 0) {
      disposeBatch(batch)
      return true
    }
    const chunkStarts = this.#reader.atChunkStart
    const results = behind.map((run) => run.advance(batch, learningRate, probeOf(run), chunkStarts))
    disposeBatch(batch)
    this.#reader.push(
      results.map((result) => result.metrics),
      results.map((result) => result.unread),
    )
    return true
  }

  readonly #tuneWatch: TuneWatch = {
    onProgress: (done, total) => this.#events.onTuning?.(done, total),
    interrupted: () => this.#command !== undefined,
  }

  /** The same for every run of the session. */
  #gatesAt(step: number): Float32Array | undefined {
    const { gates } = this.network
    if (gates.width === 0) return undefined
    return gatesOfStep(gates, this.config.batch_size, this.config.run_seed, step)
  }

  #settle(rows: ReadRow<UnreadStep[]>[], seconds: number): void {
    const perStep = seconds / rows.length
    for (const run of this.runs) {
      const own = rows.flatMap(({ tag, values }) => {
        const at = tag.findIndex((unread) => unread.run === run)
        if (at < 0) return []
        const width = values.length / tag.length
        const costs = tag.reduce((sum, unread) => sum + unread.cost, 0)
        return [
          {
            unread: tag[at],
            values: values.subarray(at * width, (at + 1) * width),
            seconds: (perStep * tag[at].cost) / costs,
          },
        ]
      })
      if (own.length > 0) this.#report(run, own)
    }
    this.#rate.add(rows.length, seconds, this.#batches.takeWaited())
    this.#progress('training')
  }

  #report(run: SessionRun, rows: Parameters<SessionRun['settle']>[0]): void {
    const { finite, error } = run.settle(rows)
    if (finite.length > 0) this.#events.onMetrics?.(run.id, finite)
    if (error) this.#events.onDiverged?.(run.id, run.divergedAt!, error)
    const checkAt = deadCheckStep(this.stepsPerEpoch)
    if (run.hinted || !run.live || run.history.length < checkAt) return
    run.hinted = true
    if (looksDead(run.history, this.network.numClasses)) this.#events.onHint?.(run.id, 'dead', DEAD_HINT)
  }

  /** @returns false when it was interrupted */
  async #evaluate(runs: readonly SessionRun[], final: boolean): Promise<boolean> {
    if (runs.length === 0) return true
    const { dataset, config, stepsPerEpoch } = this
    const results = await evaluateRuns({
      evaluate: this.#evaluator,
      network: this.network,
      dataset,
      pool: this.threads,
      config,
      runs,
      stepsPerEpoch,
      final,
      interrupted: () => this.#command !== undefined,
      onProgress: (done, total) => this.#progress('evaluation', done, total),
      onTuning: this.#tuneWatch.onProgress,
    })
    if (results) {
      runs.forEach((run, i) => {
        run.evaluatedAt = run.step
        if (final) run.finalAt = run.step
        run.evaluations.push(results[i])
        this.#events.onEvaluation?.(run.id, results[i], final)
      })
      await this.#events.afterEvaluation?.(runs.map((run) => run.id))
    }
    this.#reader.restartClock()
    return results !== undefined
  }

  #progress(phase: 'training' | 'evaluation', batchesDone?: number, batchesTotal?: number): void {
    const { stepsPerSecond, dataWaitShare } = this.#rate
    const left = this.totalSteps - this.step
    this.#events.onProgress?.({
      phase,
      step: this.step,
      totalSteps: this.totalSteps,
      stepsPerSecond,
      imagesPerSecond: stepsPerSecond * this.config.batch_size,
      dataWaitShare,
      secondsLeft: stepsPerSecond > 0 ? left / stepsPerSecond : undefined,
      batchesDone,
      batchesTotal,
    })
  }
}
