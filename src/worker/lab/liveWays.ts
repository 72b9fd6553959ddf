/**
 * The ways of a session's runs while they train: their weights on the way, as they are kept, laid on one plane and told to
 * the page. What that takes is a part of what keeping runs may take; beyond it points wait, the newest being the first of
 * which there is time.
 */

import { thinned } from '../../base/thinned'
import { GrowingWays, type PointOfWay, type WaysOnPlane } from '../../core/landscape/planes/growingWays'
import { isSameNetwork } from '../../core/landscape/sameNetwork'
import type { RunKey } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import type { Waypoint } from '../../core/session/sessionTypes'
import { waypointNumber } from '../../core/session/way'
import type { Keeper } from './keeper'
import { KeepingCost } from './keepingCost'

const TOLD_MS = 500
/** Of weights that wait. */
const MOST_BYTES = 2 ** 26
/** A run's points that are read again where it goes on. */
const MOST_READ = 20

interface Waiting extends Omit<PointOfWay, 'theta'> {
  theta: Float32Array | (() => Promise<Float32Array>)
}

export interface LiveWaysOptions {
  /** While it is the one the page knows. */
  session(): Session | undefined
  keeper(): Keeper | undefined
  tell(ways: WaysOnPlane): void
}

export class LiveWays {
  readonly #options: LiveWaysOptions
  #growing: GrowingWays | undefined
  #waiting: Waiting[] = []
  /** Of each run that has passed: how often other weights had been put in its place. */
  readonly #seen = new Map<RunKey, number>()
  /** Of runs that nobody keeps. */
  readonly #own = new KeepingCost()
  #spent = 0
  /** Milliseconds of the last of each. */
  #point = 0
  #plane = 0
  #working = false
  /** Points were taken that the page has not been told of. */
  #news = false
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: LiveWaysOptions) {
    this.#options = options
  }

  /** A run passes, and stands still. */
  add(key: RunKey, { step, theta }: Waypoint): void {
    const session = this.#options.session()
    const first = session?.runs.find(({ config }) => config.trajectory_every > 0)
    const run = session?.run(key)
    // One plane is of one network.
    if (!session || !run || !first || !isSameNetwork(first, run)) return
    this.#growing ??= new GrowingWays(session.runs.map((one) => one.key))
    if (this.#seen.size === 0) this.#own.trainingBegins()
    if (this.#seen.get(key) !== run.replaced) {
      this.#growing.forget(key)
      this.#waiting = this.#waiting.filter((one) => one.run !== key)
      if (step > 0 && run.replaced === 0) void this.#recall(run, step)
      this.#seen.set(key, run.replaced)
    }
    // It may have gone on from before.
    this.#growing.forget(key, step)
    this.#wait({ run: key, step, number: waypointNumber(step, run.stretch), theta })
    void this.#work()
  }

  /** Of weights that are too many every other one is let go; those that are read when their turn comes take no room. */
  #wait(point: Waiting): void {
    const isHere = ({ theta }: Waiting) => typeof theta !== 'function'
    const here = this.#waiting.filter(isHere)
    const bytes = here.reduce((sum, { theta }) => sum + (theta as Float32Array).byteLength, 0)
    if (bytes > MOST_BYTES) {
      const gone = new Set(here.filter((_, i) => i % 2 === 1))
      this.#waiting = this.#waiting.filter((one) => !gone.has(one))
    }
    this.#waiting.push(point)
  }

  /** The way that a run had behind it when it went on here. */
  async #recall({ key, stretch }: SessionRun, step: number): Promise<void> {
    const way = await this.#options
      .keeper()
      ?.wayOf(key)
      .catch(() => undefined)
    const before = (way?.steps ?? []).filter((one) => one < step)
    const points = thinned(before, MOST_READ).map((one) => ({
      run: key,
      step: one,
      number: waypointNumber(one, stretch),
      theta: async () => (await way!.at(one)).theta,
    }))
    // The beginning first of all: a way has its ends before what is between.
    this.#waiting.unshift(...points.slice(1), ...points.slice(0, 1))
    void this.#work()
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    clearTimeout(this.#timer)
    while (this.#options.session() && this.#waiting.length > 0 && this.#affords(this.#point)) {
      const { theta, ...point } = this.#waiting.pop()!
      const began = performance.now()
      if (typeof theta === 'function') await this.#spend(() => this.#read(point, theta))
      else this.#spend(() => this.#growing?.add({ ...point, theta }))
      this.#point = performance.now() - began
      this.#news = true
    }
    this.#tell()
    this.#working = false
    if (!this.#options.session()) this.#waiting = []
    else if (this.#waiting.length > 0 || this.#news)
      this.#timer = setTimeout(() => void this.#work(), TOLD_MS)
  }

  /** A file that cannot be read is a point less. */
  async #read(point: Omit<Waiting, 'theta'>, read: () => Promise<Float32Array>): Promise<void> {
    const theta = await read().catch(() => undefined)
    if (theta) this.#growing?.add({ ...point, theta })
  }

  #tell(): void {
    const due = performance.now() - this.#toldAt >= TOLD_MS
    if (!this.#news || !due || !this.#options.session() || !this.#affords(this.#plane)) return
    const began = performance.now()
    const ways = this.#spend(() => this.#growing?.plane())
    this.#plane = performance.now() - began
    this.#toldAt = performance.now()
    this.#news = false
    if (ways) this.#options.tell(ways)
  }

  #affords(ms: number): boolean {
    return (this.#options.keeper() ?? this.#own).affords(ms, this.#spent)
  }

  #spend<T>(work: () => T): T {
    const began = performance.now()
    const count = () => {
      this.#spent += performance.now() - began
    }
    const keeper = this.#options.keeper()
    const result = keeper ? keeper.spend(work) : this.#own.add(work)
    if (result instanceof Promise) return result.finally(count) as T
    count()
    return result
  }
}
