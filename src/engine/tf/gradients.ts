/**
 * Gradients made from an op's saved inputs, in the place of tfjs' own that are made from its saved output. A saved
 * output is a copy that stands on the tape before the op that made it: differentiating such a gradient once more
 * silently loses what flows through the op. First derivatives are the same.
 */
import * as tf from '@tensorflow/tfjs-core'

type Unary = (x: tf.Tensor) => tf.Tensor

/** dy·slope(x) for an element-wise op of one input, called `x` or `logits`. */
function elementwise(kernelName: string, slope: Unary): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, slope(x)) }),
  }
}

const LOCAL: tf.GradConfig[] = [
  elementwise(tf.Exp, tf.exp),
  elementwise(tf.Sigmoid, (x) => {
    const s = tf.sigmoid(x)
    return tf.mul(s, tf.sub(1, s))
  }),
  elementwise(tf.Tanh, (x) => tf.sub(1, tf.square(tf.tanh(x)))),
  // exp of the negative part only: where x is large exp(x) would be infinite, and 0·∞ no number.
  elementwise(tf.Elu, (x) => tf.exp(tf.minimum(x, 0))),
]

const SOFTMAX: tf.GradConfig = {
  kernelName: tf.Softmax,
  inputsToSave: ['logits'],
  gradFunc: (dy, [logits], attrs) => {
    const { dim } = attrs as unknown as tf.SoftmaxAttrs
    return {
      logits: () => {
        const p = tf.softmax(logits, dim)
        const weighted = tf.mul(dy as tf.Tensor, p)
        return tf.sub(weighted, tf.mul(tf.sum(weighted, [dim], true), p))
      },
    }
  },
}

const LOG_SOFTMAX: tf.GradConfig = {
  kernelName: tf.LogSoftmax,
  inputsToSave: ['logits'],
  gradFunc: (dy, [logits], attrs) => {
    const { axis } = attrs as unknown as tf.LogSoftmaxAttrs
    return { logits: () => logSoftmaxGradient(dy as tf.Tensor, logits, axis) }
  },
}

function logSoftmaxGradient(dy: tf.Tensor, logits: tf.Tensor, axis: number): tf.Tensor {
  return tf.sub(dy, tf.mul(tf.sum(dy, axis, true), tf.softmax(logits, axis)))
}

/** tf.logSoftmax, whose own gradient is made from its output as well. */
export function logSoftmax<T extends tf.Tensor>(logits: T | tf.TensorLike, axis = -1): T {
  const op = tf.customGrad((...args) => {
    const [z, save] = args as [tf.Tensor, tf.GradSaveFunc]
    save([z])
    const last = z.rank - 1
    const shifted = tf.sub(z, tf.max(z, last, true))
    const value = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), last, true)))
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => logSoftmaxGradient(dy, saved[0], last)
    return { value, gradFunc }
  })
  const tensor = logits instanceof tf.Tensor ? logits : tf.tensor(logits as tf.TensorLike)
  if (axis !== -1 && axis !== tensor.rank - 1) {
    throw new Error(`logSoftmax: only along the last axis, got ${axis} of ${tensor.rank}`)
  }
  return op(tensor) as T
}

const POW: tf.GradConfig = {
  kernelName: tf.Pow,
  inputsToSave: ['a', 'b'],
  gradFunc: (dys, [a, b]) => {
    const dy = dys as tf.Tensor
    return {
      a: () => reducedTo(a, tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1))))),
      b: () => {
        const isPositive = tf.greater(a, 0)
        const log = tf.log(tf.where(isPositive, a, tf.onesLike(a)))
        return reducedTo(b, tf.mul(dy, tf.mul(tf.pow(a, b), log)))
      },
    }
  },
}

/** Sums a gradient over the axes along which `operand` was repeated. */
function reducedTo(operand: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(operand.shape, gradient.shape)
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, operand.shape)
}

/** Every maximum (minimum) of equal ones gets the gradient, as in tfjs. */
function extreme(
  kernelName: string,
  of: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { reductionIndices, axis } = attrs as Partial<tf.MaxAttrs & tf.MinAttrs>
      const axes = tf.util.parseAxisParam((reductionIndices ?? axis)!, x.shape)
      return {
        x: () => {
          const hit = tf.cast(tf.equal(x, of(x, axes, true)), 'float32')
          const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
          return tf.mul(hit, tf.reshape(dy as tf.Tensor, kept))
        },
      }
    },
  }
}

/** Comparisons and logic are flat: their gradient is zero, not missing. */
const FLAT = [
  tf.Equal,
  tf.NotEqual,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
]

function flat(kernelName: string): tf.GradConfig {
  const zeros = (operand: tf.Tensor) => () => tf.zeros(operand.shape)
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_dy, [a, b]) => ({ a: zeros(a), b: zeros(b) }),
  }
}

/** Puts gradients in the place of tfjs' own, or where it has none. */
export function registerGradients(gradients: readonly tf.GradConfig[]): void {
  for (const gradient of gradients) {
    if (tf.getGradient(gradient.kernelName)) tf.unregisterGradient(gradient.kernelName)
    tf.registerGradient(gradient)
  }
}

registerGradients([
  ...LOCAL,
  SOFTMAX,
  LOG_SOFTMAX,
  POW,
  extreme(tf.Max, tf.max),
  extreme(tf.Min, tf.min),
  ...FLAT.map(flat),
])
