/** Points at which the loss of every family of networks can be checked for its second derivatives. */

import { randomStream } from '../../base/random'
import * as tf from '../../engine/tf'
import { FAMILIES } from '../models/families.testing'
import { initBatchStats, initTheta } from '../models/init'
import { batchOf, lossOf } from '../session/captured.testing'
import { normal } from './hessian.testing'

export const FAMILY_NAMES = Object.keys(FAMILIES)

/**
 * Biases of ±4 keep a ReLU on or off for every example of its channel, so that no step along v meets a kink, where
 * differences of gradients are wrong. What max pooling chooses can't be held like that: v leaves ResNet's stem alone.
 */
const SMOOTH = 'EfficientNet'
const HELD: Record<string, string[]> = { ResNet: ['conv_init', 'bn_init'] }

/** A training batch's loss, a point and a direction; `step` of differences: float32 limits it, and the curvature. */
export function familyCase(name: string) {
  const network = FAMILIES[name]
  const random = randomStream(5, 'init')
  const theta = initTheta(network, 3).map((t) => t + 0.02 * random.normal())
  const v = normal(random, theta.length)
  for (const entry of network.params.entries) {
    const { role, offset, size } = entry
    for (let i = 0; role === 'bias' && i < size; i++) {
      theta[offset + i] = name === SMOOTH ? 0.1 * random.normal() : i % 2 === 0 ? -4 : 4
    }
    if (HELD[name]?.some((held) => entry.name.startsWith(held))) v.fill(0, offset, offset + size)
  }
  /** On the backend of the moment. */
  const open = () => {
    const [batch, stats] = [batchOf(network, 1, 8), tf.tensor1d(initBatchStats(network))]
    return {
      loss: lossOf(network, batch, stats),
      dispose: () => tf.dispose([...Object.values(batch), stats]),
    }
  }
  return { theta, v, step: name === SMOOTH ? 3e-5 : 3e-4, open }
}
