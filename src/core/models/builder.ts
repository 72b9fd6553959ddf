/**
 * Declares a network's parameters, statistics, gates and layers, and binds them to tensors in a forward pass.
 * Declaring makes no tensors, so the layout and the summary of a 480 M network cost nothing.
 */

import { BasinError } from '../../base/errors'
import { flatProgram, number } from '../../engine/ops/flat/flat'
import { cutVector, joinFirst } from '../../engine/ops/pieces/pieces'
import * as tf from '../../engine/tf'
import type {
  ForwardOptions,
  ForwardResult,
  GateDistribution,
  GateSpec,
  Initializer,
  LayerRow,
  Network,
  ParamEntry,
  ParamRole,
  StatEntry,
} from './network'

/** [height, width, channels] of one image's map. */
export type MapShape = readonly [number, number, number]

/** Looks up a parameter by its full name. */
export type Params = (name: string) => tf.Tensor

/** Named tensors of one forward pass, cut out of θ, the statistics and the gates. */
export interface Bound {
  train: boolean
  /** Batch norm uses the batch's own statistics. */
  batchStatistics: boolean
  trueGradient: boolean
  /** One set of parameters for the whole batch; else every replica has its own. */
  sharedParams: boolean
  /** Runs `layer` with the parameters; where every replica has its own, on each one's part of the batch. */
  apply<X extends tf.Tensor, Y extends tf.Tensor>(x: X, layer: (params: Params, x: X) => Y): Y
  /** A running statistic: `/path:mean` or `/path:var`. */
  stat(name: string): tf.Tensor1D
  /**
   * Records a batch's own statistics at `path` (row 0 mean, row 1 variance): the running ones become
   * momentum·old + (1 − momentum)·batch, all of them in one go at the end of the pass.
   */
  updateStats(path: string, batch: tf.Tensor2D, momentum: number): void
  /** [N, 1, 1, width] this batch's draws. */
  gate(name: string): tf.Tensor4D
  /** Somebody asked to see every layer's output: none may be hidden inside a fused op. */
  isObserved: boolean
  /** Nobody comes back to a layer's output, no gradient either: it is freed when the next layer has read it, what a layer needs inside when it ends. */
  isPassing: boolean
  /** Shows a layer's output to whoever asked. @returns the output */
  observe<T extends tf.Tensor>(path: string, output: T): T
}

/** A layer after building: tensors in, tensor out, and the shape that comes out. */
export interface Layer {
  (bound: Bound, x: tf.Tensor4D): tf.Tensor4D
  readonly out: MapShape
}

export function layerOf(out: MapShape, run: (bound: Bound, x: tf.Tensor4D) => tf.Tensor4D): Layer {
  const layer = (bound: Bound, x: tf.Tensor4D) =>
    bound.isPassing ? tf.tidy(() => run(bound, x)) : run(bound, x)
  return Object.assign(layer, { out })
}

/** One layer after the other. Of an evaluation only what the next one reads is held, and `x`, which is the caller's. */
export function applyLayers(bound: Bound, layers: readonly Layer[], x: tf.Tensor4D): tf.Tensor4D {
  return layers.reduce((maps, layer) => {
    const next = layer(bound, maps)
    if (bound.isPassing && maps !== x && next !== maps) maps.dispose()
    return next
  }, x)
}

interface NetworkShape {
  name: string
  inputShape: MapShape
  numClasses: number
  crossReplica?: boolean
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** Orders paths as nested dictionaries with sorted keys do (`_10` before `_2`, level by level). */
export function byPath(a: string, b: string): number {
  const left = a.split('/')
  const right = b.split('/')
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1
  }
  return left.length - right.length
}

/** `path/name`; a module that stands alone has the path ''. */
export const under = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`)

export class LayoutBuilder {
  readonly #params = new Map<string, Omit<ParamEntry, 'offset'>>()
  readonly #stats = new Map<string, Omit<StatEntry, 'offset'>>()
  readonly #gates = new Map<string, GateSpec>()
  readonly #layers: LayerRow[] = []
  readonly #emptyModules: string[] = []
  #gateWidth = 0

  param(name: string, shape: readonly number[], role: ParamRole, init: Initializer): void {
    if (this.#params.has(name)) throw new BasinError('internal', `layout: two parameters are named ${name}`)
    this.#params.set(name, { name, shape, size: size(shape), role, init })
  }

  /** Mean and variance of a batch norm at `path` (no leading slash). */
  stats(path: string, channels: number): void {
    for (const kind of ['mean', 'var']) {
      const name = `/${path}:${kind}`
      this.#stats.set(name, { name, shape: [channels], size: channels })
    }
  }

  /** A draw per example and training pass. Declare them in the order in which the forward pass uses them. */
  gate(name: string, distribution: GateDistribution, width = 1): void {
    this.#gates.set(name, { name, width, offset: this.#gateWidth, distribution })
    this.#gateWidth += width
  }

  /** A module without parameters, which the reference's checkpoints keep as an empty map. */
  emptyModule(path: string): void {
    this.#emptyModules.push(path)
  }

  /** A line of the summary. */
  row(row: LayerRow): void {
    this.#layers.push(row)
  }

  /** Sorts the entries into the reference's order, lays them out, and closes over the forward function. */
  finish(shape: NetworkShape, forward: (bound: Bound, images: tf.Tensor4D) => tf.Tensor2D): Network {
    const params = layOut([...this.#params.values()].sort((a, b) => byPath(a.name, b.name)))
    const stats = layOut([...this.#stats.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
    const gates = this.#gates
    return {
      crossReplica: false,
      ...shape,
      params,
      stats,
      gates: { entries: [...gates.values()], width: this.#gateWidth },
      layers: this.#layers,
      emptyModules: this.#emptyModules,
      forward(theta, batchStats, images, train, options = {}) {
        const updates: StatUpdates = new Map()
        const batchStatistics = train && !options.frozenStatistics
        const running = batchStatistics ? undefined : cut(batchStats, stats.entries)
        const bound: Bound = {
          train,
          batchStatistics,
          trueGradient: options.trueGradient ?? false,
          sharedParams: theta.rank === 1,
          apply: applier(theta, params.entries),
          stat: (name) => running?.get(name) as tf.Tensor1D,
          updateStats: (path, batch, momentum) => updates.set(`/${path}`, { batch, momentum }),
          gate: (name) => gateColumns(options.gates, gates.get(name)!),
          isObserved: options.observe !== undefined,
          isPassing: !train && options.observe === undefined && !tf.engine().isTapeOn(),
          observe(path, output) {
            options.observe?.(`/${path}`, output)
            return output
          },
        }
        const logits = bound.observe('', forward(bound, images))
        return { logits, batchStats: joined(stats.entries, updates, batchStats) }
      },
    }
  }
}

function layOut<E extends { size: number }>(
  entries: E[],
): { entries: (E & { offset: number })[]; size: number } {
  let offset = 0
  const placed = entries.map((entry) => {
    const here = { ...entry, offset }
    offset += entry.size
    return here
  })
  return { entries: placed, size: offset }
}

/** Gives layers their parameters: the same for the whole batch, or each replica's own for its part of it. */
function applier(theta: tf.Tensor1D | tf.Tensor2D, entries: readonly ParamEntry[]): Bound['apply'] {
  if (theta.rank === 1) {
    const params = cut(theta as tf.Tensor1D, entries)
    return (x, layer) => layer((name) => params.get(name)!, x)
  }
  const replicas = tf.unstack(theta).map((row) => cut(row as tf.Tensor1D, entries))
  return <X extends tf.Tensor, Y extends tf.Tensor>(x: X, layer: (params: Params, x: X) => Y) => {
    const parts = tf.split(x, replicas.length) as X[]
    return tf.concat(parts.map((part, r) => layer((name) => replicas[r].get(name)!, part))) as Y
  }
}

/** One cut for all, so that the gradient is one join. */
function cut(
  vector: tf.Tensor1D,
  entries: readonly { name: string; shape: readonly number[] }[],
): Map<string, tf.Tensor> {
  const pieces = cutVector(
    vector,
    entries.map(({ shape }) => shape),
  )
  return new Map(entries.map(({ name }, i) => [name, pieces[i]]))
}

function gateColumns(gates: ForwardOptions['gates'], { name, offset, width }: GateSpec): tf.Tensor4D {
  if (!gates) throw new BasinError('internal', `forward: training needs the draws of gate ${name}`)
  const rows = gates.shape[0]
  return tf.reshape(tf.slice(gates, [0, offset], [rows, width]), [rows, 1, 1, width])
}

type StatUpdates = Map<string, { batch: tf.Tensor2D; momentum: number }>

/** momentum·before + (1 − momentum)·batch */
const blended = flatProgram({ name: 'blend', vectors: ['before', 'batch'] }, ({ before, batch }, momentum) =>
  before.times(momentum).plus(batch.times(number(1).minus(momentum))),
)

/** The running statistics after this batch. */
function joined(
  entries: readonly StatEntry[],
  updates: StatUpdates,
  before: tf.Tensor1D,
): ForwardResult['batchStats'] {
  // A copy, so that the caller may dispose the state before without losing the state after.
  if (updates.size === 0) return tf.clone(before)
  const pieces: { tensor: tf.Tensor; size: number }[] = []
  for (const { name, size } of entries) {
    const [path, kind] = name.split(':')
    // The variance lies behind the mean, in the batch's statistics as in the vector.
    if (kind === 'mean') pieces.push({ tensor: updates.get(path)!.batch, size: 2 * size })
  }
  const batch = joinFirst(pieces, before.size)
  const momenta = new Set([...updates.values()].map(({ momentum }) => momentum))
  if (momenta.size > 1) {
    throw new BasinError('internal', 'batch norm: all layers of a network must update their statistics alike')
  }
  return blended({ before, batch }, [...momenta][0])
}
