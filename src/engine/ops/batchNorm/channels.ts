/**
 * Sums over all but the last axis, and products along it: three ops that are each other's gradients, so that whatever is
 * written with them can be differentiated as often as one likes at a dispatch or two an op.
 */
import * as tf from '../../tf'

type Gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[]

/** x·g, one number a channel. @param x [..., C] @param g [C] */
export function channelScale(x: tf.Tensor, g: tf.Tensor): tf.Tensor {
  return bilinear(x, g, tf.mul, (v, [from, by]) => [channelScale(v, by), channelDot(v, from)])
}

/** Σ a·b over all but the channels, [C]. @param a [..., C] @param b [..., C] */
export function channelDot(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const dot = (one: tf.Tensor, other: tf.Tensor) => summed(tf.mul(one, other))
  return bilinear(a, b, dot, (v, [one, other]) => [channelScale(other, v), channelScale(one, v)])
}

/** Σ x over all but the channels, [C]. @param x [..., C] */
export function channelSum(x: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor, tf.GradSaveFunc]
    save([value])
    return { value: summed(value), gradFunc: (v: tf.Tensor) => spread(v, x.shape) }
  })
  return op(x)
}

/** The same channels everywhere. @param g [C] */
function spread(g: tf.Tensor, shape: number[]): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [value] = args as [tf.Tensor]
    return { value: tf.add(tf.zeros(shape), value), gradFunc: (v: tf.Tensor) => channelSum(v) }
  })
  return op(g)
}

function bilinear(
  a: tf.Tensor,
  b: tf.Tensor,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  gradFunc: Gradient,
): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [one, other, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc]
    save([one, other])
    return { value: tf.tidy(() => run(one, other)), gradFunc }
  })
  return op(a, b)
}

const summed = (x: tf.Tensor): tf.Tensor => tf.sum(x, x.shape.map((_, axis) => axis).slice(0, -1))
