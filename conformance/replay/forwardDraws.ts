/**
 * Kind `forward_draws`: a network with stochastic gates in training mode, every random draw recorded in the order of
 * the calls, with both backward rules.
 * Fields: model, true_gradient_False and true_gradient_True of {loss, draws, grad}; tensors input and, under each of
 * the two, draw<n>_<kind>, logits, new_state/.
 */
import type { GateSpec, Network } from '../../src/core/models/network'
import { lossAndGradient } from '../../src/core/step/objective'
import * as tf from '../../src/engine/tf'
import { type CaseResult, Checks, Unsupported } from './checks'
import { fillByName } from './fillRule'
import { NUMBER } from './flags'
import {
  classesInTurn,
  compareGradient,
  compareLogits,
  compareStats,
  type GradientSummary,
  jittered,
  LOSS_TOLERANCE,
} from './forwardChecks'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { networkCalled } from './goldenNetworks'
import { gather } from './vectors'

const MODES = ['true_gradient_False', 'true_gradient_True'] as const
type Mode = (typeof MODES)[number]

interface Recorded {
  loss: number
  draws: [kind: string, first: number, second: number | null][]
  grad: Record<string, GradientSummary>
}

export function isForwardDraws({ json, tensors }: Golden): boolean {
  return (
    isFields(json) &&
    'model' in json &&
    tensors.has('input') &&
    MODES.some((mode) => isFields(json[mode]) && 'draws' in (json[mode] as Fields))
  )
}

export async function* runForwardDraws({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const fields = json as Fields & Partial<Record<Mode, Recorded>>
  const input = tensors.get('input')!
  const [rows, height, width, channels] = input.shape
  const images = tf.tensor4d(Float32Array.from(input.data), [rows, height, width, channels])
  for (const mode of MODES) {
    const recorded = fields[mode]
    if (!recorded) continue
    const under = within(tensors, `${mode}/`)
    const classes = Number(fields.num_classes ?? under.get('logits')!.shape[1])
    const kwargs = isFields(fields.model_kwargs) ? fields.model_kwargs : {}
    const network = networkCalled(String(fields.model), [height, width, channels], classes, kwargs)
    const { theta, stats } = weightsOf(network, fields, tensors)
    const trueGradient = mode === 'true_gradient_True'
    const gates = replayed(network, recorded.draws, under, rows, trueGradient)
    const labels = classesInTurn(rows, classes)
    const at = async (point: tf.Tensor1D) => {
      const { logits, batchStats, loss, gradient } = tf.tidy(() =>
        lossAndGradient(network, point, stats, images, labels, { weightDecay: 0 }, { gates, trueGradient }),
      )
      return {
        logits: await logits.data(),
        stats: Float32Array.from(await batchStats.data()),
        loss: (await loss.data())[0],
        gradient: Float32Array.from(await gradient.data()),
      }
    }
    const ours = await at(theta)
    const judge = (moved: readonly (typeof ours)[]) => {
      const checks = new Checks()
      compareLogits(checks, 'logits', ours.logits, under)
      compareStats(
        checks,
        'new_state/',
        network,
        ours.stats,
        under,
        moved.map((each) => each.stats),
      )
      const tolerance = LOSS_TOLERANCE * Math.max(1, recorded.loss)
      checks.scalar('loss', ours.loss, recorded.loss, tolerance)
      const gradients = moved.map((each) => each.gradient)
      compareGradient(checks, recorded.grad, undefined, network, ours.gradient, gradients)
      return checks
    }
    let checks = judge([])
    let note: string | undefined
    if (!checks.passed) {
      // A ReLU on the edge of its two sides; see compareGradient.
      const moved: (typeof ours)[] = []
      for (const values of jittered(Float32Array.from(await theta.data()))) {
        moved.push(await at(tf.tensor1d(values)))
      }
      checks = judge(moved)
      note = 'within the noise of weights moved by their rounding'
    }
    yield { name: `${name}/${mode}`, checks, note }
  }
}

function weightsOf(network: Network, fields: Fields, tensors: Tensors) {
  const gain = Number(fields.gain ?? new RegExp(`gain[ =]*${NUMBER}`).exec(String(fields.params))?.[1] ?? 1)
  return {
    theta: tf.tensor1d(gather(network.params, tensors, 'params/', (entry) => fillByName(entry, gain))),
    stats: tf.tensor1d(gather(network.stats, tensors, 'state/', (entry) => fillByName(entry))),
  }
}

/**
 * The recorded draws in the columns of the network's gates. Calls come in the gates' order; with the true gradient
 * those of the backward pass were never made, and their columns are not looked at.
 * @throws Unsupported when a draw is of another kind than the gate in its turn
 */
function replayed(
  { gates, name }: Network,
  draws: Recorded['draws'],
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
  draws.forEach(([kind, first, second], i) => {
    const gate = asked[i]
    if (!isSame(gate, kind, first, second)) {
      throw new Unsupported(`draw ${i}: ${kind}(${first}, ${second}) where gate ${gate.name} stands`)
    }
    const key = `draw${String(i).padStart(2, '0')}_${kind}`
    const drawn = tensors.get(key)
    if (!drawn) throw new Unsupported(`tensor ${key} is missing`)
    for (let n = 0; n < rows; n++) {
      for (let w = 0; w < gate.width; w++) {
        values[n * gates.width + gate.offset + w] = drawn.data[n * gate.width + w]
      }
    }
  })
  return tf.tensor2d(values, [rows, gates.width])
}

function isSame({ distribution }: GateSpec, kind: string, first: number, second: number | null): boolean {
  if (distribution.kind === 'bernoulli') {
    return kind === 'bernoulli' && Math.abs(first - distribution.probability) < 1e-6
  }
  return kind === 'uniform' && first === distribution.low && second === distribution.high
}

function within(tensors: Tensors, prefix: string): Tensors {
  return new Map(
    [...tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, tensor]) => [key.slice(prefix.length), tensor]),
  )
}
