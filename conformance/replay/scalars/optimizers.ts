/**
 * Kind `optimizers`: a sequence of updates of one tensor by given gradients.
 * Tensors: w0, grads [steps, …]; of the case w (after every step), momentum and v (after the last).
 */
import { nesterov } from '../../../src/core/optim/optimizers/nesterov'
import type { OptimizerVectors } from '../../../src/core/optim/optimizers/optimizer'
import { rmsprop } from '../../../src/core/optim/optimizers/rmsprop'
import { eachSlot } from '../../../src/core/optim/slots'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { type GoldenTensor, Unsupported } from '../../golden'
import { backendFactor } from '../checks'
import { kind } from '../kind'
import { largest, needTensor, row } from '../vectors'

/** Relative to the largest value compared: float32 roundings of a handful of updates. */
const TOLERANCE = 2e-6

const OPTIMIZERS = { nesterov, rmsprop }

const fields = z.strictObject({
  optimizer: z.enum(['nesterov', 'rmsprop']),
  learning_rate: z.number(),
})

export const optimizers = kind(
  'optimizers',
  fields,
  async ({ optimizer, learning_rate }, checks, { tensors }) => {
    const start = needTensor(tensors, 'w0').data
    const grads = needTensor(tensors, 'grads')
    const weights = needTensor(tensors, 'w')
    const { slots, update } = OPTIMIZERS[optimizer]
    let vectors: OptimizerVectors = {
      theta: tf.tensor1d(Float32Array.from(start)),
      ...eachSlot(slots, ({ initial }) => tf.fill([start.length], initial) as tf.Tensor1D),
    }
    if (weights.shape[0] !== grads.shape[0]) throw new Unsupported('w and grads differ in length')
    const compare = async (what: string, actual: tf.Tensor1D, wanted: ArrayLike<number>) => {
      checks.compare(what, await actual.data(), wanted, TOLERANCE * backendFactor() * largest(wanted, 1))
    }
    for (let step = 0; step < grads.shape[0]; step++) {
      const gradient = tf.tensor1d(row(grads, step))
      vectors = update(vectors, gradient, { rate: tf.scalar(learning_rate), factor: tf.scalar(1) })
      await compare(`step ${step}/w`, vectors.theta, row(weights, step))
    }
    const last = (tensor: GoldenTensor) =>
      tensor.data.length === start.length ? tensor.data : row(tensor, tensor.shape[0] - 1)
    const momentum = tensors.get('momentum')
    const v = tensors.get('v')
    if (momentum) await compare('momentum', vectors.momentum, last(momentum))
    if (v) await compare('v', vectors.meanSquare, last(v))
  },
)
