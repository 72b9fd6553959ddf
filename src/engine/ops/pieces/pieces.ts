/** One vector as many tensors, and many as one vector: how θ meets the layers, and the gradients become one. */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

export const CUT = 'BasinCut'
export const JOIN = 'BasinJoin'

/**
 * Cuts `vector` [n] into consecutive tensors of these shapes (n values together). The gradient is one join.
 */
export function cutVector(vector: tf.Tensor1D, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  if (canFuse(CUT, vector)) return runFused(CUT, { vector }, { shapes })
  if (shapes.length === 0) return []
  const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape as number[]))
  const pieces = shapes.length === 1 ? [vector] : tf.split(vector, sizes)
  return pieces.map((piece, i) => tf.reshape(piece, shapes[i] as number[]))
}

/** The tensors' values one after the other, [n]. */
function joinVector(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const total = tensors.reduce((sum, { size }) => sum + size, 0)
  return joinFirst(
    tensors.map((tensor) => ({ tensor, size: tensor.size })),
    total,
  )
}

/**
 * The first `size` values of every tensor one after the other, [total]. No gradient.
 */
export function joinFirst(
  pieces: readonly { tensor: tf.Tensor; size: number }[],
  total: number,
): tf.Tensor1D {
  if (pieces.length > 0 && canFuse(JOIN, ...pieces.map(({ tensor }) => tensor))) {
    const inputs = Object.fromEntries(pieces.map(({ tensor }, i) => [`piece${i}`, tensor]))
    return runFused(JOIN, inputs, { sizes: pieces.map(({ size }) => size), total })[0] as tf.Tensor1D
  }
  return tf.concat1d(
    pieces.map(({ tensor, size }) => {
      const flat = tf.reshape(tensor, [tensor.size]) as tf.Tensor1D
      return size === tensor.size ? flat : tf.slice1d(flat, 0, size)
    }),
  )
}

const CUT_GRADIENT: tf.GradConfig = {
  kernelName: CUT,
  gradFunc: (dys) => ({ vector: () => joinVector(Array.isArray(dys) ? dys : [dys]) }),
}

export const gradients = [CUT_GRADIENT]
