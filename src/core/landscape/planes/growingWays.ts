/**
 * The ways of runs on the plane of their principal components while they still grow: what measures/trajectory.ts finds of
 * runs that stand, of sketches of their weights (sketch.ts), so that a new point costs a pass over them and little more.
 * Products of points stay known; all else is arithmetic with a matrix as large as there are points.
 */
import type { RunKey } from '../../runs/metrics'
import { upright } from './pca'
import { sketchOf } from './sketch'
import { topTwo } from './topTwo'
import { dot } from './vectors'

/** Of all runs. */
export const MOST_POINTS = 96
/** Variance on the second axis beside that on the first: what rounding leaves of a straight line. */
const NOTHING = 1e-10

export interface PointOfWay {
  run: RunKey
  step: number
  /** Which it is of its run's, from 0; unlike steps these are evenly spread. */
  number: number
  theta: Float32Array
}

export interface WaysOnPlane {
  /** Run by run, in the order of their steps. Lengths are those of θ's space. */
  points: { run: RunKey; step: number; x: number; y: number; outside: number }[]
  /** Of each axis, of the variance of all points. */
  share: [number, number]
}

interface Held extends Omit<PointOfWay, 'theta'> {
  sketch: Float64Array
  products: Map<Held, number>
}

export class GrowingWays {
  #held: Held[] = []
  /** Of the numbers, those that are kept. */
  #stride = 1

  /** @param order of the runs, which share one network */
  constructor(private readonly order: readonly RunKey[]) {}

  /** In whatever order. One that lies before others of its run may be passed over, where there are many. */
  add({ theta, ...point }: PointOfWay): void {
    const isLast = !this.#held.some(({ run, step }) => run === point.run && step >= point.step)
    if (!isLast && point.number % this.#stride !== 0) return
    this.forget(point.run, point.step, point.step)
    const held: Held = { ...point, sketch: sketchOf(theta), products: new Map() }
    for (const other of [...this.#held, held]) {
      const product = dot(other.sketch, held.sketch)
      held.products.set(other, product)
      other.products.set(held, product)
    }
    this.#held.push(held)
    this.#held.sort((a, b) => this.order.indexOf(a.run) - this.order.indexOf(b.run) || a.step - b.step)
    this.#thinOut()
  }

  /** What a run had from one step to another; absent: all of it. */
  forget(run: RunKey, from = 0, to = Number.POSITIVE_INFINITY): void {
    this.#keep((one) => one.run !== run || one.step < from || one.step > to)
  }

  /** Undefined while the points lie on less than a plane. */
  plane(): WaysOnPlane | undefined {
    const held = this.#held
    const twin = held.map((one) => held.findIndex((other) => same(one, other)))
    const distinct = held.filter((_, i) => twin[i] === i)
    if (distinct.length < 3) return undefined
    const gram = centred(distinct)
    const total = gram.reduce((sum, row, i) => sum + row[i], 0)
    const { values, vectors } = topTwo(gram)
    if (!(values[1] > NOTHING * values[0])) return undefined
    const [x, y] = vectors.map((vector, k) => upright(vector).map((value) => Math.sqrt(values[k]) * value))
    return {
      points: held.map(({ run, step }, i) => {
        const at = distinct.indexOf(held[twin[i]])
        const outside = Math.sqrt(Math.max(0, gram[at][at] - x[at] ** 2 - y[at] ** 2))
        return { run, step, x: x[at], y: y[at], outside }
      }),
      share: [values[0] / total, values[1] / total],
    }
  }

  /** The first and the newest of a run stay, and of those between every so many. */
  #thinOut(): void {
    const isNewest = (one: Held) => this.#held.findLast(({ run }) => run === one.run) === one
    const thin = () => this.#keep((one) => one.number % this.#stride === 0 || isNewest(one))
    thin()
    while (this.#held.length > MOST_POINTS) {
      this.#stride *= 2
      thin()
    }
  }

  #keep(wanted: (one: Held) => boolean): void {
    const gone = this.#held.filter((one) => !wanted(one))
    this.#held = this.#held.filter(wanted)
    for (const one of this.#held) for (const other of gone) one.products.delete(other)
  }
}

const product = (a: Held, b: Held): number => a.products.get(b)!

/** Equal weights have equal products. */
const same = (a: Held, b: Held): boolean => product(a, a) === product(b, b) && product(a, b) === product(a, a)

/** Products of the points beside their mean. */
function centred(points: readonly Held[]): Float64Array[] {
  const gram = points.map((one) => Float64Array.from(points, (other) => product(one, other)))
  const means = gram.map((row) => row.reduce((a, b) => a + b) / row.length)
  const mean = means.reduce((a, b) => a + b) / means.length
  return gram.map((row, i) => row.map((value, j) => value - means[i] - means[j] + mean))
}
