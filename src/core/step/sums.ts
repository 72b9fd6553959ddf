/** Sums over replicas, field by field. */
import { flatProgram } from '../../engine/ops/flat/flat'
import * as tf from '../../engine/tf'

/** Tensors under names, some of them in a record of their own. */
export type Terms = { [name: string]: tf.Tensor | Terms }

// Vectors may be longer than the device binds at once; flat programs work on ranges.
const sum = flatProgram({ name: 'sum', vectors: ['a', 'b'] }, ({ a, b }) => a.plus(b))
const scale = flatProgram({ name: 'scale', vectors: ['a'] }, ({ a }, factor) => a.times(factor))

/** Adds up field by field, and frees the terms: of a whole step's passes only their sum is held. */
export function added<T extends Terms>(total: T | undefined, next: T): T {
  if (!total) return next
  const sums = mapped(next, (b, path) => {
    const a = path.reduce<tf.Tensor | Terms>((node, name) => (node as Terms)[name], total) as tf.Tensor
    return a.rank === 1 ? sum({ a, b }) : tf.add(a, b)
  })
  tf.dispose([total, next])
  return sums
}

/** Every field times a number. */
export const scaled = <T extends Terms>(terms: T, factor: number): T =>
  mapped(terms, (a) => (a.rank === 1 ? scale({ a }, factor) : tf.mul(a, factor)))

function mapped<T extends Terms>(
  terms: T,
  change: (tensor: tf.Tensor, path: readonly string[]) => tf.Tensor,
  above: readonly string[] = [],
): T {
  const entries = Object.entries(terms).map(([name, node]) => {
    const path = [...above, name]
    return [name, node instanceof tf.Tensor ? change(node, path) : mapped(node, change, path)]
  })
  return Object.fromEntries(entries)
}
