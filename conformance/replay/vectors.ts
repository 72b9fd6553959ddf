/** Between a golden's named tensors and the flat vectors of a network. */
import type { ParamLayout, StatLayout } from '../../src/core/models/network'
import * as tf from '../../src/engine/tf'
import { type GoldenTensor, type Tensors, Unsupported, within } from '../golden'
import type { Checks } from './checks'
import { fillByName } from './fillRule'

export type Layout = ParamLayout | StatLayout

/** @throws Unsupported */
export function needTensor(tensors: Tensors, name: string): GoldenTensor {
  const tensor = tensors.get(name)
  if (!tensor) throw new Unsupported(`tensor ${name} is missing`)
  return tensor
}

/**
 * Gathers `prefix + name` for every entry; what is not stored comes from `otherwise`.
 * @throws Unsupported where that is absent, or a tensor under the prefix is none of the layout's
 */
export function gather(
  layout: Layout,
  tensors: Tensors,
  prefix: string,
  otherwise?: (entry: Layout['entries'][number]) => ArrayLike<number>,
): Float32Array {
  const out = new Float32Array(layout.size)
  const unknown = new Set(within(tensors, prefix).keys())
  for (const entry of layout.entries) {
    const stored = tensors.get(prefix + entry.name)
    const values = stored?.data ?? otherwise?.(entry)
    if (!values) throw new Unsupported(`tensor ${prefix}${entry.name} is missing`)
    if (values.length !== entry.size) {
      throw new Unsupported(`${prefix}${entry.name}: [${entry.shape}] expected, got ${values.length} values`)
    }
    out.set(values, entry.offset)
    unknown.delete(entry.name)
  }
  for (const name of unknown) throw new Unsupported(`${prefix}${name} is unknown to this network`)
  return out
}

/** Every entry by the fill rule. */
export const filled = (layout: Layout, gain = 1): Float32Array =>
  gather(layout, new Map(), '', (entry) => fillByName(entry, gain))

/** Row `index` along the first axis. */
export function row({ shape, data }: GoldenTensor, index: number): Float32Array {
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  return Float32Array.from({ length: size }, (_, i) => data[index * size + i])
}

/** A stored tensor on the device. @throws Unsupported */
export function onDevice<T extends tf.Tensor = tf.Tensor>(tensors: Tensors, name: string): T {
  const { data, shape } = needTensor(tensors, name)
  return tf.tensor(Float32Array.from(data), [...shape]) as T
}

/** Class indices or rows of probabilities, as rows on the device. */
export function labelRows(labels: ArrayLike<number>, count: number, classes: number): tf.Tensor2D {
  if (labels.length === count * classes && classes > 1) {
    return tf.tensor2d(Float32Array.from(labels), [count, classes])
  }
  const rows = new Float32Array(count * classes)
  for (let i = 0; i < count; i++) rows[i * classes + labels[i]] = 1
  return tf.tensor2d(rows, [count, classes])
}

export const floats = async (tensor: tf.Tensor): Promise<Float32Array> =>
  Float32Array.from(await tensor.data())

export function norm(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i]
  return Math.sqrt(sum)
}

/** The largest absolute value, or `least`. */
export const largest = (values: ArrayLike<number>, least = 0): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), least)

/**
 * Compares every entry for which the golden has a tensor.
 * @param expected by entry name; undefined where the golden stores nothing
 * @returns how many entries were compared
 */
export function compareEntries(
  checks: Checks,
  what: string,
  layout: Layout,
  vector: Float32Array,
  expected: (name: string) => ArrayLike<number> | undefined,
  tolerance: number | ((name: string) => number),
): number {
  let compared = 0
  for (const { name, offset, size } of layout.entries) {
    const values = expected(name)
    if (!values) continue
    const allowed = typeof tolerance === 'number' ? tolerance : tolerance(name)
    checks.compare(`${what}/${name}`, vector.subarray(offset, offset + size), values, allowed)
    compared++
  }
  return compared
}
