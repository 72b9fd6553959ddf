/**
 * Kind `forward_draws`: a network with stochastic gates in training mode, every random draw recorded in the order of
 * the calls.
 * Tensors: input, params/ and state/ where the fill rule does not give them; of the case its draws, logits, new_state/.
 */
import type { GateSpec, Network } from '../../../src/core/models/network'
import { lossAndGradient } from '../../../src/core/step/objective'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { type Tensors, Unsupported } from '../../golden'
import { Checks } from '../checks'
import { kind } from '../kind'
import { networkOf } from '../networks'
import { floats, needTensor, onDevice } from '../vectors'
import {
  classesInTurn,
  compareGradient,
  compareLogits,
  compareStats,
  gradientFields,
  jittered,
  LOSS_TOLERANCE,
  weightFields,
  weightsOf,
} from './forwardChecks'

const draw = z.strictObject({
  /** The values of the batch. */
  tensor: z.string(),
  distribution: z.union([
    z.strictObject({ kind: z.literal('bernoulli'), probability: z.number() }),
    z.strictObject({ kind: z.literal('uniform'), low: z.number(), high: z.number() }),
  ]),
})

type Draw = z.infer<typeof draw>

const fields = z.strictObject({
  ...weightFields,
  /** Which backward rule. */
  true_gradient: z.boolean(),
  draws: z.array(draw),
  loss: z.number(),
  gradients: gradientFields,
})

export const forwardDraws = kind('forward_draws', fields, async (one, checks, { tensors }) => {
  const network = networkOf(one.network)
  const { theta, stats } = weightsOf(network, one, tensors)
  const images = onDevice<tf.Tensor4D>(tensors, 'input')
  const trueGradient = one.true_gradient
  const gates = gatesOf(network, one.draws, tensors, images.shape[0], trueGradient)
  const labels = classesInTurn(images.shape[0], network.numClasses)
  const at = async (point: tf.Tensor1D) => {
    const { logits, batchStats, loss, gradient } = tf.tidy(() =>
      lossAndGradient(network, point, stats, images, labels, { weightDecay: 0 }, { gates, trueGradient }),
    )
    return {
      logits: await logits.data(),
      stats: await floats(batchStats),
      loss: (await loss.data())[0],
      gradient: await floats(gradient),
    }
  }
  const ours = await at(theta)
  const judge = (into: Checks, moved: readonly (typeof ours)[]) => {
    compareLogits(into, 'logits', ours.logits, tensors)
    const movedStats = moved.map((each) => each.stats)
    compareStats(into, network, ours.stats, tensors, movedStats)
    into.scalar('loss', ours.loss, one.loss, LOSS_TOLERANCE * Math.max(1, one.loss))
    const gradients = moved.map((each) => each.gradient)
    compareGradient(into, one.gradients, undefined, network, ours.gradient, gradients)
    return into
  }
  const moved: (typeof ours)[] = []
  if (!judge(new Checks(), moved).passed) {
    // A ReLU on the edge of its two sides; see compareGradient.
    for (const values of jittered(await floats(theta))) moved.push(await at(tf.tensor1d(values)))
    checks.note = 'within the noise of weights moved by their rounding'
  }
  judge(checks, moved)
})

/**
 * The recorded draws in the columns of the network's gates. Calls come in the gates' order; with the true gradient
 * those of the backward pass were never made, and their columns are not looked at.
 * @throws Unsupported when a draw is of another kind than the gate in its turn
 */
function gatesOf(
  { gates, name }: Network,
  draws: readonly Draw[],
  tensors: Tensors,
  rows: number,
  trueGradient: boolean,
): tf.Tensor2D {
  const asked =
    draws.length === gates.entries.length
      ? gates.entries
      : gates.entries.filter((gate) => !(trueGradient && /\/(backward|beta)$/.test(gate.name)))
  if (draws.length !== asked.length) {
    throw new Unsupported(`${name}: ${asked.length} draws expected, got ${draws.length}`)
  }
  const values = new Float32Array(rows * gates.width)
  draws.forEach(({ tensor, distribution }, i) => {
    const gate = asked[i]
    if (!isSame(gate, distribution)) {
      throw new Unsupported(`draw ${i}: ${JSON.stringify(distribution)} where gate ${gate.name} stands`)
    }
    const drawn = needTensor(tensors, tensor)
    for (let n = 0; n < rows; n++) {
      for (let w = 0; w < gate.width; w++) {
        values[n * gates.width + gate.offset + w] = drawn.data[n * gate.width + w]
      }
    }
  })
  return tf.tensor2d(values, [rows, gates.width])
}

function isSame({ distribution: gate }: GateSpec, drawn: Draw['distribution']): boolean {
  if (gate.kind === 'bernoulli') {
    return drawn.kind === 'bernoulli' && Math.abs(drawn.probability - gate.probability) < 1e-6
  }
  return drawn.kind === 'uniform' && drawn.low === gate.low && drawn.high === gate.high
}
