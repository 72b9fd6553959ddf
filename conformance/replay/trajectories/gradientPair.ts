/**
 * Kind `gradient_pair`: both gradients of SAM's first step, at w (weight decay included) and at w + ρ·g/‖g‖, before
 * clipping.
 * Tensors: init/, init_state/, images, labels; g1/, g2/.
 */
import { ascend } from '../../../src/core/optim/methods/ascent'
import { decayMask, decayPenalty, lossAndGradient } from '../../../src/core/step/objective'
import { vectorMath } from '../../../src/core/step/vectorMath'
import { z } from '../../../src/core/zod'
import { smoothLabels } from '../../../src/engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../../src/engine/tf'
import { type Tensors, Unsupported } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { kind } from '../kind'
import { norm } from '../vectors'
import { hyperOfSettings, type Start, startOf, trainingFields } from './training'

/**
 * The rule: one ReLU input within a rounding of zero that falls on the other side moves every gradient upstream of it
 * by a hundredth of its norm (seen: one flipped mask, 0.01 to 0.02 upstream, 1e-6 downstream), and the second gradient
 * is taken at a point that has moved with the first. The last layer lies downstream of every mask and is held tightly.
 * All relative: |a − b|₂ / |b|₂ tensor by tensor, and over the whole vector.
 */
const TOLERANCE = {
  g1: { loss: 2e-6, tensor: 0.06, whole: 0.02, lastLayer: 2e-5 },
  g2: { loss: 5e-5, tensor: 0.3, whole: 0.12, lastLayer: 3e-3 },
}
const NORM_TOLERANCE = 5e-3
const LAST_LAYER = /^Dense_\d+\//

/** The loss includes the weight decay's. */
const point = z.strictObject({ loss: z.number().optional(), gradient_norm: z.number() })

const fields = z.strictObject({ ...trainingFields, clean: point, perturbed: point })

export const gradientPair = kind(
  'gradient_pair',
  fields,
  async (one, checks, { tensors }) => {
    const start = startOf(one.network, tensors)
    const { clean, perturbed } = gradients(start, hyperOfSettings(one))
    for (const [name, part, result, wanted] of [
      ['clean', 'g1', clean, one.clean],
      ['perturbed', 'g2', perturbed, one.perturbed],
    ] as const) {
      const loss = (await result.objective.data())[0]
      const gradient = (await result.gradient.data()) as Float32Array
      if (wanted.loss !== undefined) {
        const tolerance = backendFactor() * TOLERANCE[part].loss * Math.abs(wanted.loss)
        checks.scalar(`loss_${name}_with_wd`, loss, wanted.loss, tolerance)
      }
      const allowed = NORM_TOLERANCE * wanted.gradient_norm
      checks.scalar(`norm_${part}`, norm(gradient), wanted.gradient_norm, allowed)
      compareTensors(checks, part, start, gradient, tensors)
    }
  },
  'train',
)

function gradients({ network, ...start }: Start, hyper: ReturnType<typeof hyperOfSettings>) {
  const theta = tf.tensor1d(start.theta)
  const batchStats = tf.tensor1d(start.batchStats)
  const { images, labels } = start.batch(0)
  const targets = smoothLabels(labels, hyper.labelSmoothing)
  const mask = decayMask(network, hyper.noWeightDecayOnBn)
  const decay = { weightDecay: hyper.weightDecay, mask: mask && tf.tensor1d(mask) }
  const at = (point: tf.Tensor1D) => {
    const { loss, gradient } = lossAndGradient(network, point, batchStats, images, targets, decay)
    return { objective: tf.add(loss, decayPenalty(point, decay)), gradient }
  }
  const clean = at(theta)
  return { clean, perturbed: at(ascend(vectorMath, theta, clean.gradient, tf.scalar(hyper.sam_rho))) }
}

function compareTensors(
  checks: Checks,
  part: 'g1' | 'g2',
  { network }: Start,
  gradient: Float32Array,
  tensors: Tensors,
): void {
  const allowed = TOLERANCE[part]
  const squares = { difference: 0, wanted: 0 }
  for (const { name, offset, size } of network.params.entries) {
    const wanted = tensors.get(`${part}/${name}`)?.data
    if (!wanted) continue
    const difference = norm(Float64Array.from(wanted, (value, i) => gradient[offset + i] - value))
    if (wanted.length !== size) throw new Unsupported(`${part}/${name}: ${size} values expected`)
    squares.difference += difference ** 2
    squares.wanted += norm(wanted) ** 2
    const tolerance = LAST_LAYER.test(name) ? backendFactor() * allowed.lastLayer : allowed.tensor
    checks.scalar(`${part}/${name}, relative`, difference / norm(wanted), 0, tolerance)
  }
  const whole = Math.sqrt(squares.difference / squares.wanted)
  checks.scalar(`${part}, relative`, whole, 0, allowed.whole)
}
