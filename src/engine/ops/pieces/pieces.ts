/** One vector as many tensors, and many as one vector: how θ meets the layers, and the gradients become one. */
import * as tf from '../../tf'
import { canFuse, canRun, runFused } from '../../tf/kernels'

export const CUT = 'BasinCut'
export const JOIN = 'BasinJoin'

/**
 * Cuts `vector` [n] into consecutive tensors of these shapes (n values together). The gradient is one join.
 */
export function cutVector(vector: tf.Tensor1D, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  if (canRun(CUT, vector)) return runFused(CUT, { vector }, { shapes })
  if (shapes.length === 0) return []
  const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape as number[]))
  const pieces = shapes.length === 1 ? [vector] : tf.split(vector, sizes)
  return pieces.map((piece, i) => tf.reshape(piece, shapes[i] as number[]))
}

/** The tensors' values one after the other, [n]. */
function joinVector(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const total = tensors.reduce((sum, { size }) => sum + size, 0)
  const pieces = tensors.map((tensor) => ({ tensor, size: tensor.size }))
  return canRun(JOIN, ...tensors) ? runJoin(pieces, total) : joinFirst(pieces, total)
}

/**
 * The first `size` values of every tensor one after the other, [total]. No gradient.
 */
export function joinFirst(
  pieces: readonly { tensor: tf.Tensor; size: number }[],
  total: number,
): tf.Tensor1D {
  if (pieces.length > 0 && canFuse(JOIN, ...pieces.map(({ tensor }) => tensor))) return runJoin(pieces, total)
  return tf.concat1d(
    pieces.map(({ tensor, size }) => {
      const flat = tf.reshape(tensor, [tensor.size]) as tf.Tensor1D
      return size === tensor.size ? flat : tf.slice1d(flat, 0, size)
    }),
  )
}

function runJoin(pieces: readonly { tensor: tf.Tensor; size: number }[], total: number): tf.Tensor1D {
  const inputs = Object.fromEntries(pieces.map(({ tensor }, i) => [`piece${i}`, tensor]))
  const shapes = pieces.map(({ tensor }) => tensor.shape)
  return runFused(JOIN, inputs, { sizes: pieces.map(({ size }) => size), total, shapes })[0] as tf.Tensor1D
}

const CUT_GRADIENT: tf.GradConfig = {
  kernelName: CUT,
  gradFunc: (dys) => ({ vector: () => joinVector(Array.isArray(dys) ? dys : [dys]) }),
}

/** Of a join of whole tensors: one cut. */
const JOIN_GRADIENT: tf.GradConfig = {
  kernelName: JOIN,
  gradFunc: (dy, _, attrs) => {
    const { shapes } = attrs as unknown as { shapes: number[][] }
    // tfjs frees what one of these functions makes beside its result: the others could not have it.
    const cut = cutVector(dy as tf.Tensor1D, shapes)
    return Object.fromEntries(cut.map((piece, i) => [`piece${i}`, () => piece]))
  },
}

export const gradients = [CUT_GRADIENT, JOIN_GRADIENT]
