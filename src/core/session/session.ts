/**
 * The training loop of one config's runs, step by step in turn. Runs that can share their batches are a lane; those of
 * different lanes take turns by the share of their steps that is behind them. No DOM, no worker: the page's worker and
 * the command line drive the same object.
 *
 * The loop never waits for anyone but the device, and for that only so that it is not left behind (bulkReader.ts).
 */

import { BasinError } from '../../base/errors'
import { type TuneWatch, tune } from '../../engine/tuning/tune'
import type { RunConfig } from '../config/schema'
import { blankHint } from '../data/augment/blankHint'
import { learningRateAt } from '../optim/schedule'
import { Breather } from '../queue/breather'
import { BulkReader, type ReadRow } from '../queue/bulkReader'
import { disposeBatch } from '../queue/deviceBatch'
import type { RunKey } from '../runs/metrics'
import { probeRadius, runSpecs } from '../runs/runSpec'
import { DEAD_HINT, deadCheckStep, looksDead } from './divergence'
import { Lane, laneKey } from './lane'
import { RateMeter } from './rateMeter'
import { evaluateRuns } from './sessionEvaluation'
import { standingOf } from './sessionProgress'
import { SessionRun, type UnreadStep } from './sessionRun'
import type { RunSnapshot, SessionEvents, SessionOptions, SessionOutcome } from './sessionTypes'

/** Where training pauses: a step of every run, or each run's own. */
export type Until = number | ((run: SessionRun) => number)

export class Session {
  readonly config: RunConfig
  readonly runs: readonly SessionRun[]

  readonly #lanes: readonly Lane[]
  /** At which a run that does not look uphill measures its gap. */
  readonly #probe: number | undefined
  readonly #events: SessionEvents
  readonly #reader: BulkReader<UnreadStep[]>
  readonly #rate = new RateMeter()
  /** What first steps took: kernels are compiled and timed in them, and how long they train is not known. */
  #warmUpSeconds = 0
  #command: 'paused' | 'stopped' | undefined
  #active: Promise<SessionOutcome> | undefined

  /** @throws BasinError `config` when there are fewer training images than one batch */
  constructor({ config, dataset, network, events = {}, resume = {}, ...options }: SessionOptions) {
    this.config = config
    this.#events = events
    const specs = runSpecs(config)
    this.#probe = probeRadius(specs)
    const lanes = new Map<string, Lane>()
    this.runs = specs.map((spec) => {
      const key = laneKey(spec)
      const own = typeof dataset === 'function' ? dataset(spec) : dataset
      const lane = lanes.get(key) ?? new Lane(spec.config, own, options, network)
      lanes.set(key, lane)
      return new SessionRun(spec, lane, resume[spec.key])
    })
    this.#lanes = [...lanes.values()]
    this.#reader = new BulkReader({ onRows: (rows, seconds) => this.#settle(rows, seconds) })
  }

  /** The run that is furthest behind, by its share (of those still going, if any is). */
  get behind(): SessionRun {
    const going = this.runs.filter((run) => run.live)
    return furthestBehind(going.length > 0 ? going : this.runs)
  }

  /** Completed steps of that run. */
  get step(): number {
    return this.behind.step
  }

  get totalSteps(): number {
    return this.behind.totalSteps
  }

  get running(): boolean {
    return this.#active !== undefined
  }

  /** @throws BasinError `config` when this session has no such run */
  run(key: RunKey): SessionRun {
    const run = this.runs.find((candidate) => candidate.key === key)
    if (!run) {
      const known = this.runs.map((candidate) => candidate.key).join(', ')
      throw new BasinError('config', `run: one of ${known}, got ${key}`)
    }
    return run
  }

  /**
   * Trains until the end, a pause or a stop; nothing is unread when it resolves. Rejects when the device fails.
   * May be called again after 'paused'.
   * @param until pauses when every run stands at this step, or at its own, and what is due there is evaluated: where
   * checkpoints are made
   */
  train({ until = Number.POSITIVE_INFINITY }: { until?: Until } = {}): Promise<SessionOutcome> {
    if (this.#active) throw new BasinError('internal', 'session: already running')
    this.#command = undefined
    this.#rate.reset()
    if (this.step === 0) this.#hintAtBlankImages()
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
    return !this.runs.some((run) => run.going)
  }

  snapshot(key: RunKey): Promise<RunSnapshot> {
    return this.run(key).snapshot()
  }

  /** Frees every tensor. The session must stand still. */
  dispose(): void {
    this.#reader.dispose()
    for (const run of this.runs) run.dispose()
    for (const lane of this.#lanes) lane.dispose()
    this.#events.onDisposed?.()
  }

  async #single(): Promise<SessionOutcome> {
    this.#reader.restartClock()
    await this.#passOn()
    await this.#advance()
    await this.#reader.drain()
    await this.#passOn()
    await this.#watch()
    return 'paused'
  }

  async #loop(until: Until): Promise<SessionOutcome> {
    const breather = new Breather()
    this.#reader.restartClock()
    try {
      for (;;) {
        if (this.#command) {
          await this.#reader.drain()
          return this.#command
        }
        if (this.#passing().length > 0) {
          await this.#reader.drain()
          await this.#passOn()
          this.#reader.restartClock()
        }
        if (this.#toWatch().length > 0) {
          await this.#reader.drain()
          await this.#watch()
        } else if (this.#due().length > 0) {
          await this.#reader.drain()
          // Reading may have sent a run back; ask again.
          await this.#evaluate(this.#due(), false)
        } else if (this.#events.restDue?.()) {
          await this.#reader.drain()
          await this.#events.atRest?.(() => this.#command !== undefined)
          this.#reader.restartClock()
        } else if (await this.#advance(until)) {
          await this.#reader.readWhenFull()
          await breather.breathe()
        } else {
          await this.#reader.drain()
          await this.#passOn()
          if (this.runs.some((run) => run.going)) return 'paused'
          const left = this.runs.filter((run) => run.finalAt !== run.step)
          if (await this.#evaluate(left, true)) return 'finished'
        }
      }
    } finally {
      await this.#reader.settled()
    }
  }

  /** Runs whose weights are a part of their way here. */
  #passing(): SessionRun[] {
    return this.#events.onWaypoint ? this.runs.filter((run) => run.passes) : []
  }

  /** Nothing is unread. */
  async #passOn(): Promise<void> {
    for (const run of this.#passing()) {
      const waypoint = await run.waypoint()
      run.passedAt = waypoint.step
      if (!this.#events.onWaypoint?.(run.key, waypoint)) run.way.add(waypoint)
    }
  }

  #toWatch(): SessionRun[] {
    return this.runs.filter((run) => run.watchDue)
  }

  /** Looks at the curvature of all runs of which it is due; one that is interrupted is made up for later. */
  async #watch(): Promise<void> {
    for (const run of this.#toWatch()) {
      const metrics = await run.watch(() => this.#command !== undefined)
      if (metrics) this.#events.onEdge?.(run.key, metrics)
      if (this.#command) break
    }
    this.#reader.restartClock()
  }

  /** Runs that stand at a boundary whose evaluation is still to be made. The last step's is the final one. */
  #due(): SessionRun[] {
    return this.runs.filter((run) => {
      const every = run.config.evaluate_every * run.lane.stepsPerEpoch
      return run.going && run.step > 0 && run.step % every === 0 && run.evaluatedAt !== run.step
    })
  }

  /**
   * One step of the runs of a lane that are furthest behind, on the batch of that step.
   * @returns false when none is to go on
   */
  async #advance(until: Until = Number.POSITIVE_INFINITY): Promise<boolean> {
    const endOf = typeof until === 'number' ? () => until : until
    const going = this.runs.filter((run) => run.going && run.step < endOf(run))
    if (going.length === 0) return false
    const { lane } = furthestBehind(going)
    const mates = going.filter((run) => run.lane === lane)
    const step = Math.min(...mates.map((run) => run.step))
    const batches = await lane.batchesAt(step, Math.max(...mates.map((run) => run.totalSteps)))
    const numbersOf = ({ config, totalSteps }: SessionRun) => {
      const every = config.perturbed_loss_every
      const probeRho = every > 0 && step % every === 0 ? this.#probe : undefined
      return { learningRate: learningRateAt(config, step, lane.stepsPerEpoch), totalSteps, probeRho }
    }
    if (!lane.tuned) {
      lane.tuned = true
      await tune(() => {
        for (const run of mates) run.record(batches, numbersOf(run))
      }, this.#tuneWatch)
    }
    // Reading may have sent a run back while the batch was waited for.
    const behind = mates.filter((run) => run.live && run.step === step)
    if (behind.length === 0) {
      batches.forEach(disposeBatch)
      return true
    }
    const chunkStarts = this.#reader.atChunkStart
    const results = behind.map((run) => run.advance(batches, numbersOf(run), chunkStarts))
    batches.forEach(disposeBatch)
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

  #settle(rows: ReadRow<UnreadStep[]>[], seconds: number): void {
    const warmsUp = rows.some(({ tag }) => tag.some(({ first }) => first))
    if (warmsUp) this.#warmUpSeconds += seconds
    const perStep = warmsUp ? 0 : seconds / rows.length
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
    const waited = this.#lanes.reduce((sum, { feed }) => sum + feed.takeWaited(), 0)
    this.#rate.add(rows.length, seconds, waited)
    this.#progress('training')
  }

  #report(run: SessionRun, rows: Parameters<SessionRun['settle']>[0]): void {
    const { finite, error } = run.settle(rows)
    if (finite.length > 0) this.#events.onMetrics?.(run.key, finite)
    if (error) this.#events.onDiverged?.(run.key, run.divergedAt!, error)
    const checkAt = deadCheckStep(run.lane.stepsPerEpoch)
    if (run.hinted || !run.live || run.history.length < checkAt) return
    run.hinted = true
    if (looksDead(run.history, run.network.numClasses, run.config.loss))
      this.#events.onHint?.(run.key, 'dead', DEAD_HINT)
  }

  #hintAtBlankImages(): void {
    for (const { feed } of this.#lanes) {
      const blank = blankHint(feed.recipe)
      if (blank) this.#events.onHint?.(undefined, 'blank', blank)
    }
  }

  /** @returns false when it was interrupted */
  async #evaluate(runs: readonly SessionRun[], final: boolean): Promise<boolean> {
    if (runs.length === 0) return true
    const results = await evaluateRuns({
      runs,
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
        this.#events.onEvaluation?.(run.key, results[i], final)
      })
      await this.#events.afterEvaluation?.(runs.map((run) => run.key))
    }
    this.#reader.restartClock()
    return results !== undefined
  }

  #progress(phase: 'training' | 'evaluation', batchesDone?: number, batchesTotal?: number): void {
    const { behind, runs } = this
    this.#events.onProgress?.({
      phase,
      ...standingOf(runs, behind, this.#rate),
      warmUpSeconds: this.#warmUpSeconds,
      batchesDone,
      batchesTotal,
    })
  }
}

/** By their share of what they have to do; of equals the first. */
function furthestBehind(runs: readonly SessionRun[]): SessionRun {
  return runs.reduce((last, run) => (run.step / run.totalSteps < last.step / last.totalSteps ? run : last))
}
