/**
 * Kind `forward`: a network in evaluation and training mode: every module's output, its statistics after one batch,
 * and the gradient of the mean cross-entropy with labels i mod C.
 * Tensors: input, logits_eval, logits_train, new_state/, and params/ and state/ where the fill rule does not give them.
 */
import type { Network } from '../../../src/core/models/network'
import { lossAndGradient } from '../../../src/core/step/objective'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { type Tensors, Unsupported } from '../../golden'
import type { Checks } from '../checks'
import { kind } from '../kind'
import { networkOf } from '../networks'
import { floats, onDevice } from '../vectors'
import {
  activationFields,
  classesInTurn,
  compareActivations,
  compareGradient,
  compareLogits,
  compareStats,
  floorOf,
  gradientFields,
  jittered,
  LOSS_TOLERANCE,
  weightFields,
  weightsOf,
} from './forwardChecks'

const fields = z.strictObject({
  ...weightFields,
  activations: activationFields,
  /** Absent: evaluation only. */
  training: z
    .strictObject({
      loss: z.number().optional(),
      gradient_norm: z.number().optional(),
      gradients: gradientFields,
    })
    .optional(),
  /** `logits_eval_max_abs`, `logits_train_max_abs` of a second run whose weights were jittered by 1 ulp. */
  noise_floor: z.record(z.string(), z.number()).default({}),
})

type Case = z.output<typeof fields>

export const forward = kind('forward', fields, async (one, checks, { tensors }) => {
  const network = networkOf(one.network)
  const { theta, stats } = weightsOf(network, one, tensors)
  const images = onDevice<tf.Tensor4D>(tensors, 'input')
  const seen = new Map<string, tf.Tensor>()
  const observe = (path: string, output: tf.Tensor) => {
    if (path in one.activations) seen.set(path, tf.keep(output.clone()))
  }
  // Twice: with every layer shown, and as it runs when nobody looks, which may take other kernels.
  for (const options of [undefined, { observe }]) {
    const logits = tf.tidy(() => network.forward(theta, stats, images, false, options).logits)
    compareLogits(checks, 'logits_eval', await logits.data(), tensors, one.noise_floor)
  }
  await compareActivations(checks, one.activations, seen)
  if (one.training) {
    if (network.gates.width > 0) throw new Unsupported(`${network.name} in training mode without its draws`)
    await compareTraining(checks, one.training, one.noise_floor, tensors, network, { theta, stats, images })
  }
})

async function compareTraining(
  checks: Checks,
  { loss, gradient_norm, gradients }: NonNullable<Case['training']>,
  floors: Case['noise_floor'],
  tensors: Tensors,
  network: Network,
  at: { theta: tf.Tensor1D; stats: tf.Tensor1D; images: tf.Tensor4D },
): Promise<void> {
  const labels = classesInTurn(at.images.shape[0], network.numClasses)
  const gradientAt = (theta: tf.Tensor1D) =>
    tf.tidy(() => lossAndGradient(network, theta, at.stats, at.images, labels, { weightDecay: 0 }))
  const trained = gradientAt(at.theta)
  compareLogits(checks, 'logits_train', await trained.logits.data(), tensors, floors)
  const moved = { gradients: [] as Float32Array[], stats: [] as Float32Array[] }
  for (const theta of jittered(await floats(at.theta))) {
    const result = gradientAt(tf.tensor1d(theta))
    moved.gradients.push(await floats(result.gradient))
    moved.stats.push(await floats(result.batchStats))
  }
  compareStats(checks, network, await floats(trained.batchStats), tensors, moved.stats)
  if (loss !== undefined) {
    const tolerance = Math.max(LOSS_TOLERANCE * Math.max(1, loss), floorOf(floors, 'logits_train'))
    checks.scalar('train loss', (await trained.loss.data())[0], loss, tolerance)
  }
  const gradient = await floats(trained.gradient)
  compareGradient(checks, gradients, gradient_norm, network, gradient, moved.gradients)
}
