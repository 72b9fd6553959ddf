/**
 * Both gradients of SAM's first step: at w (weight decay included) and at w + ρ·g/‖g‖, before clipping.
 * Fields: norm_g1, norm_g2, loss_clean_with_wd, loss_perturbed_with_wd; tensors g1/, g2/. ρ and the decay stand in the
 * trajectory beside it whose first step has the same gradient norm.
 */

import { ascend } from '../../src/core/optim/methods/ascent'
import { decayMask, decayPenalty, lossAndGradient } from '../../src/core/step/objective'
import { vectorMath } from '../../src/core/step/vectorMath'
import { smoothLabels } from '../../src/engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../src/engine/tf'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { hyperOfFlags, replicaCount } from './flags'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { siblingFields, withCompanions } from './goldenFiles'
import { batchAt } from './replay'
import { type Start, startOf } from './trainStart'

/**
 * The rule: one ReLU input within a rounding of zero that falls on the other side moves every gradient upstream of it
 * by a hundredth of its norm (seen: one flipped mask, 0.01 to 0.02 upstream, 1e-6 downstream), and the second gradient
 * is taken at a point that has moved with the first. The last layer lies downstream of every mask and is held tightly.
 * All relative: |a − b|₂ / |b|₂ tensor by tensor, and over the whole vector.
 */
const TOLERANCE = {
  g1: { tensor: 0.06, whole: 0.02, lastLayer: 2e-5 },
  g2: { tensor: 0.3, whole: 0.12, lastLayer: 3e-3 },
}
const LOSS_TOLERANCE = { g1: 2e-6, g2: 5e-5 }
const NORM_TOLERANCE = 5e-3

export function isGradientPair({ json, tensors }: Golden): boolean {
  return isFields(json) && 'norm_g1' in json && 'norm_g2' in json && [...tensors.keys()].some(isFirst)
}

const isFirst = (key: string) => key.startsWith('g1/')

export async function* runGradientPair(golden: Golden): AsyncGenerator<CaseResult> {
  const fields = golden.json as Record<string, number>
  const twin = await trajectoryOf(golden, fields)
  const flags = twin.flags as Fields
  const hyper = hyperOfFlags(flags, Number(twin.weight_decay))
  const start = startOf(await withCompanions(golden), flags.use_additional_skip_connections === true)
  const checks = new Checks()
  const { clean, perturbed } = gradients(start, hyper)
  for (const [name, part, result] of [
    ['clean', 'g1', clean],
    ['perturbed', 'g2', perturbed],
  ] as const) {
    const loss = (await result.objective.data())[0]
    const gradient = (await result.gradient.data()) as Float32Array
    const wantedLoss = fields[`loss_${name}_with_wd`]
    if (wantedLoss !== undefined) {
      const tolerance = backendFactor() * LOSS_TOLERANCE[part] * Math.abs(wantedLoss)
      checks.scalar(`loss_${name}_with_wd`, loss, wantedLoss, tolerance)
    }
    const wantedNorm = fields[`norm_${part}`]
    checks.scalar(`norm_${part}`, norm(gradient), wantedNorm, NORM_TOLERANCE * wantedNorm)
    compareTensors(checks, part, start, gradient, golden.tensors)
  }
  yield { name: golden.name, checks, note: `ρ and decay of ${twin.case ?? 'the trajectory beside it'}` }
}

/** The trajectory (one replica, ρ > 0) whose first clipped gradient is this golden's second. */
async function trajectoryOf(golden: Golden, { norm_g2 }: Record<string, number>): Promise<Fields> {
  const fits = (fields: Fields) => {
    if (!isFields(fields.flags) || !Array.isArray(fields.per_step) || replicaCount(fields) !== 1) return false
    const { sam_rho, gradient_clipping } = fields.flags as Record<string, number>
    const [logged] = (fields.per_step[0] as { gradient_norm: number[] }).gradient_norm
    const clipped = gradient_clipping > 0 ? Math.min(norm_g2, gradient_clipping) : norm_g2
    return sam_rho > 0 && Math.abs(logged - clipped) < NORM_TOLERANCE * clipped
  }
  const found = (await siblingFields(golden)).find(fits)
  if (!found) throw new Unsupported('no SAM trajectory beside it starts with this gradient, so ρ is unknown')
  return found
}

function gradients(start: Start, hyper: ReturnType<typeof hyperOfFlags>) {
  const { network } = start
  const theta = tf.tensor1d(start.theta)
  const batchStats = tf.tensor1d(start.batchStats)
  const { images, labels } = batchAt(start, 0, network.numClasses)
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
    const lastLayer = /^Dense_\d+\//.test(name)
    const tolerance = lastLayer ? backendFactor() * allowed.lastLayer : allowed.tensor
    checks.scalar(`${part}/${name}, relative`, difference / norm(wanted), 0, tolerance)
  }
  const whole = Math.sqrt(squares.difference / squares.wanted)
  checks.scalar(`${part}, relative`, whole, 0, allowed.whole)
}

function norm(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i]
  return Math.sqrt(sum)
}
