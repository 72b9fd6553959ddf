/**
 * Declares a network's parameters and statistics, and binds them to tensors in a forward pass.
 * Declaring makes no tensors, so the layout of a 480 M network costs nothing.
 */
import * as tf from '../../engine/tf'
import { BasinError } from '../errors'
import type { ForwardResult, Initializer, Network, ParamEntry, ParamRole, StatEntry } from './network'

/** Named tensors of one forward pass, cut out of θ and the statistics vector. */
export interface Bound {
  train: boolean
  param(name: string): tf.Tensor
  /** A running statistic: `/path:mean` or `/path:var`. */
  stat(name: string): tf.Tensor1D
  /** Records the value that statistic takes after this batch. */
  updateStat(name: string, value: tf.Tensor1D): void
}

/** A layer after building: tensors in, tensor out. */
export type Layer = (bound: Bound, x: tf.Tensor4D) => tf.Tensor4D

interface NetworkShape {
  name: string
  inputShape: readonly [number, number, number]
  numClasses: number
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

export class LayoutBuilder {
  readonly #params = new Map<string, Omit<ParamEntry, 'offset'>>()
  readonly #stats = new Map<string, Omit<StatEntry, 'offset'>>()

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

  /** Sorts the entries into the reference's order, lays them out, and closes over the forward function. */
  finish(shape: NetworkShape, forward: (bound: Bound, images: tf.Tensor4D) => tf.Tensor2D): Network {
    const params = layOut([...this.#params.values()].sort((a, b) => byPath(a.name, b.name)))
    const stats = layOut([...this.#stats.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
    return {
      ...shape,
      params,
      stats,
      forward(theta, batchStats, images, train) {
        const updates = new Map<string, tf.Tensor1D>()
        const boundParams = cut(theta, params.entries)
        const boundStats = cut(batchStats, stats.entries)
        const bound: Bound = {
          train,
          param: (name) => boundParams.get(name)!,
          stat: (name) => boundStats.get(name) as tf.Tensor1D,
          updateStat: (name, value) => updates.set(name, value),
        }
        const logits = forward(bound, images)
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

/** One split for all, so that the gradient is one concat. */
function cut(
  vector: tf.Tensor1D,
  entries: readonly { name: string; shape: readonly number[]; size: number }[],
) {
  const tensors = new Map<string, tf.Tensor>()
  if (entries.length === 0) return tensors
  const pieces =
    entries.length === 1
      ? [vector]
      : tf.split(
          vector,
          entries.map((entry) => entry.size),
        )
  entries.forEach((entry, i) => {
    tensors.set(entry.name, tf.reshape(pieces[i], entry.shape as number[]))
  })
  return tensors
}

function joined(
  entries: readonly StatEntry[],
  updates: Map<string, tf.Tensor1D>,
  before: tf.Tensor1D,
): ForwardResult['batchStats'] {
  // A copy, so that the caller may dispose the state before without losing the state after.
  if (updates.size === 0) return tf.clone(before)
  return tf.concat1d(entries.map(({ name }) => updates.get(name)!))
}
