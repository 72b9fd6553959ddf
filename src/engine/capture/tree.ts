/** Tensors in nested plain objects and arrays: to a flat list with a signature, and back. */
import * as tf from '../tf'

/** One tensor of a tree, and where it stands: `state.theta`. */
export interface Leaf {
  path: string
  tensor: tf.Tensor
}

/** The tensors of a tree in the order of its keys; undefined entries are left out, anything else is refused. */
export function leavesOf(tree: unknown, path = ''): Leaf[] {
  if (tree === undefined || tree === null) return []
  if (tree instanceof tf.Tensor) return [{ path, tensor: tree }]
  if (typeof tree !== 'object') {
    // A number would be baked into the recording and silently stay what it was.
    throw new Error(`capture: ${path || 'input'} must be a tensor, got ${typeof tree}`)
  }
  return Object.entries(tree).flatMap(([key, value]) => leavesOf(value, path ? `${path}.${key}` : key))
}

/** Equal for two trees that one recording can serve: same places, shapes and types, also as stored. */
export function signatureOf(leaves: readonly Leaf[], storedType: (tensor: tf.Tensor) => tf.DataType): string {
  return leaves
    .map(({ path, tensor }) => `${path}:${tensor.dtype}/${storedType(tensor)}[${tensor.shape}]`)
    .join(' ')
}

/** The same tree with its tensors replaced, in the order of `leavesOf`. */
export function withLeaves<T>(tree: T, tensors: readonly tf.Tensor[]): T {
  let next = 0
  const walk = (node: unknown): unknown => {
    if (node === undefined || node === null) return node
    if (node instanceof tf.Tensor) return tensors[next++]
    if (Array.isArray(node)) return node.map(walk)
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]))
  }
  return walk(tree) as T
}
