/**
 * Kind `layers_sync`: layers whose batch norm looks across replicas, each replica with its own images and cotangent;
 * also with frozen statistics (fine-tuning).
 * Tensors of the case: x, y, cot, gx, new_state/ with a replica axis in front, and grad_mean/, the mean over replicas of
 * each one's parameter gradient.
 */
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { Unsupported, within } from '../../golden'
import { kind } from '../kind'
import { filled, floats, needTensor, onDevice, row } from '../vectors'
import { isModule, layerFields, moduleNetwork } from './layerCases'
import { compareLayout, compareNamed } from './layers'

const fields = z.strictObject({ layer: layerFields, frozen_statistics: z.boolean() })

export const layersSync = kind(
  'layers_sync',
  fields,
  async ({ layer, frozen_statistics }, checks, { tensors }) => {
    if (!isModule(layer)) throw new Unsupported(`${layer.type} has no batch norm`)
    const network = moduleNetwork(layer.type, layer, needTensor(tensors, 'x').shape.slice(2))
    const frozenStatistics = frozen_statistics
    const [replicas, rows] = needTensor(tensors, 'x').shape
    const whole = (name: string) => {
      const tensor = onDevice(tensors, name)
      const [height, width, channels] = tensor.shape.slice(2)
      return tf.reshape(tensor, [replicas * rows, height, width, channels]) as tf.Tensor4D
    }
    const [x, cotangent] = [whole('x'), whole('cot')]
    const theta = tf.tensor1d(filled(network.params))
    const stats = tf.tensor1d(filled(network.stats))
    const copies = tf.tile(tf.expandDims(theta, 0), [replicas, 1]) as tf.Tensor2D
    // Both ways that training uses: one set of weights for the whole batch, and each replica with its own copy.
    for (const weights of [theta, copies]) {
      const forward = (t: tf.Tensor, input: tf.Tensor) =>
        network.forward(t as tf.Tensor1D | tf.Tensor2D, stats, input as tf.Tensor4D, true, {
          frozenStatistics,
        })
      const { logits, batchStats } = forward(weights, x)
      compareNamed(checks, 'y', await logits.data(), tensors)
      const differentiate = tf.grads((t: tf.Tensor, input: tf.Tensor) =>
        tf.sum(tf.mul(forward(t, input).logits, cotangent)),
      )
      const [byTheta, byInput] = differentiate([weights, x])
      compareNamed(checks, 'gx', await byInput.data(), tensors)
      const mean = weights.rank === 1 ? tf.div(byTheta, replicas) : tf.mean(byTheta, 0)
      compareLayout(checks, 'grad_mean/', network.params, await floats(mean), tensors)
      const newStats = await floats(batchStats)
      for (let r = 0; r < replicas; r++) {
        // All are the same where batch norm looks across replicas.
        const own = [...within(tensors, 'new_state/')].map(([key, tensor]) => {
          return [`new_state/${key}`, { shape: tensor.shape.slice(1), data: row(tensor, r) }] as const
        })
        compareLayout(checks, 'new_state/', network.stats, newStats, new Map(own))
      }
    }
  },
)
