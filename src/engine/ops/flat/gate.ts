/** relu's gradient, made from what relu gave: it is linear, and its own gradient is itself. */
import * as tf from '../../tf'
import { flatProgram } from './flat'

const gated = flatProgram({ name: 'gate', vectors: ['dy', 'y'] }, ({ dy, y }) => dy.times(y.sign()))

/**
 * dy where y > 0, else 0.
 * @param y relu(z) ≥ 0; no gradient flows into it, since relu's second derivative is 0
 */
export function gate(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor, tf.GradSaveFunc]
    save([y])
    const gradFunc = (v: tf.Tensor, [saved]: tf.Tensor[]): tf.Tensor => gate(v, saved)
    return { value: gated({ dy: value, y }), gradFunc }
  })
  return tf.engine().isTapeOn() ? op(dy) : gated({ dy, y })
}
