/** What the forward kinds compare, and how closely. */

import { randomStream } from '../../../src/base/random'
import type { Network } from '../../../src/core/models/network'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import type { Tensors } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { fillByName } from '../fillRule'
import { networkFields } from '../networks'
import { compareEntries, gather, largest, norm } from '../vectors'

/** Relative to the largest logit, on tfjs cpu; a GPU has ten times as much. */
const LOGITS_TOLERANCE = 1e-5
/**
 * In training mode on every device: a small batch's own variance carries the rounding of every layer below into the
 * next (efficientnet-b3 at 48 pixels, two images, against float64: 1.1e-5).
 */
const TRAINED_TOLERANCE = 1e-4
/** Of a training pass, relative to 1 or the loss. */
export const LOSS_TOLERANCE = 1e-4
/** Relative to an activation's own size (its root mean square), on every device. */
const ACTIVATION_TOLERANCE = 1e-4
const STATE_TOLERANCE = 1e-5
/** Relative to the norm of each tensor's gradient, on every device. */
const GRADIENT_TOLERANCE = 1e-4
/**
 * A gradient that is zero on paper (of a bias before a batch norm) is rounding of its terms: relative to the whole
 * gradient's norm.
 */
const ZERO_GRADIENT = 2e-7
/** Another implementation is another draw of the same rounding, and the stated floor is one draw of it. */
const FLOORS = 8

const numbers = z.array(z.number())

/** By module: shape, mean and deviation of its output, and some of its values. */
export const activationFields = z.record(
  z.string(),
  z.strictObject({ shape: numbers, mean: z.number(), std: z.number(), idx: numbers, vals: numbers }),
)

/** By parameter: the norm of its gradient, and some of its values. */
export const gradientFields = z.record(
  z.string(),
  z.strictObject({ norm: z.number(), idx: numbers, vals: numbers }),
)

/** The network, and what the fill rule needs for weights that are not stored under params/ and state/. */
export const weightFields = { network: networkFields, gain: z.number().default(1) }

export function weightsOf(network: Network, { gain }: { gain: number }, tensors: Tensors) {
  return {
    theta: tf.tensor1d(gather(network.params, tensors, 'params/', (entry) => fillByName(entry, gain))),
    stats: tf.tensor1d(gather(network.stats, tensors, 'state/', (entry) => fillByName(entry))),
  }
}

/** The stated noise floor of a quantity, in absolute terms and with what another implementation is allowed. */
export const floorOf = (floors: Readonly<Record<string, number>>, name: string): number =>
  FLOORS * (floors[`${name}_max_abs`] ?? 0)

export function compareLogits(
  checks: Checks,
  name: string,
  actual: ArrayLike<number>,
  tensors: Tensors,
  floors: Readonly<Record<string, number>> = {},
): void {
  const wanted = tensors.get(name)
  if (!wanted) return
  const relative = name === 'logits_eval' ? backendFactor() * LOGITS_TOLERANCE : TRAINED_TOLERANCE
  const tolerance = relative * largest(wanted.data, 1e-3)
  checks.compare(name, actual, wanted.data, Math.max(tolerance, floorOf(floors, name)))
}

/** Samples, mean and deviation of every module's output; disposes what was seen. */
export async function compareActivations(
  checks: Checks,
  activations: z.infer<typeof activationFields>,
  seen: ReadonlyMap<string, tf.Tensor>,
): Promise<void> {
  for (const [path, wanted] of Object.entries(activations)) {
    const output = seen.get(path)
    checks.holds(`module ${path}`, output !== undefined)
    if (!output) continue
    const values = await output.data()
    output.dispose()
    const size = wanted.shape.reduce((a, b) => a * b, 1)
    checks.holds(`${path}: ${size} values`, values.length === size)
    const tolerance = ACTIVATION_TOLERANCE * Math.max(Math.hypot(wanted.mean, wanted.std), 1e-6)
    const samples = wanted.idx.map((i) => values[i])
    checks.compare(path, samples, wanted.vals, tolerance)
    const { mean, deviation } = moments(values)
    checks.compare(`${path}, mean and deviation`, [mean, deviation], [wanted.mean, wanted.std], tolerance)
  }
}

function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  let sum = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  const mean = sum / values.length
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / values.length) }
}

/** @param jittered as for compareGradient */
export function compareStats(
  checks: Checks,
  { stats }: Pick<Network, 'stats'>,
  actual: Float32Array,
  tensors: Tensors,
  jittered: readonly Float32Array[] = [],
): void {
  const wanted = (entry: string) => tensors.get(`new_state/${entry}`)?.data
  const floors = new Map(
    stats.entries.map(({ name, offset, size }) => {
      const part = (of: Float32Array) => of.subarray(offset, offset + size)
      return [name, FLOORS * movement(part(actual), jittered.map(part))]
    }),
  )
  compareEntries(
    checks,
    'new_state',
    stats,
    actual,
    wanted,
    (entry) => backendFactor() * STATE_TOLERANCE * largest(wanted(entry)!, 1e-3) + floors.get(entry)!,
  )
}

/**
 * Norm and samples of every tensor's gradient, relative to that norm.
 * @param jittered the gradients of weights moved by their rounding; how far a tensor's gradient moves then is its
 * noise floor, and some floors are allowed. A ReLU whose input is a rounding away from zero falls on the other side,
 * and all that lies upstream moves by a thousandth to a fiftieth of its norm (seen: Resnet50 at 64 pixels, one draw
 * in three); so no tensor's floor is below its share of the whole gradient's.
 */
export function compareGradient(
  checks: Checks,
  summary: z.infer<typeof gradientFields>,
  wholeNorm: number | undefined,
  { params }: Pick<Network, 'params'>,
  gradient: Float32Array,
  jittered: readonly Float32Array[] = [],
): void {
  const whole = wholeNorm ?? Math.sqrt(Object.values(summary).reduce((sum, { norm }) => sum + norm * norm, 0))
  const wholeFloor = movement(gradient, jittered)
  if (wholeNorm !== undefined) {
    const tolerance = GRADIENT_TOLERANCE * wholeNorm + FLOORS * wholeFloor
    checks.scalar('gradient norm', norm(gradient), wholeNorm, tolerance)
  }
  for (const { name, offset, size } of params.entries) {
    const expected = summary[name]
    if (!expected) continue
    const part = gradient.subarray(offset, offset + size)
    const own = movement(
      part,
      jittered.map((other) => other.subarray(offset, offset + size)),
    )
    const floor = Math.max(own, (wholeFloor / whole) * expected.norm)
    const zero = backendFactor() * ZERO_GRADIENT * whole
    const tolerance = GRADIENT_TOLERANCE * expected.norm + zero + FLOORS * floor
    checks.scalar(`gradient norm/${name}`, norm(part), expected.norm, tolerance)
    const samples = expected.idx.map((i) => part[i])
    checks.compare(`gradient/${name}`, samples, expected.vals, tolerance)
  }
}

/** Labels i mod C as one-hot rows. */
export function classesInTurn(rows: number, classes: number): tf.Tensor2D {
  const values = new Float32Array(rows * classes)
  for (let i = 0; i < rows; i++) values[i * classes + (i % classes)] = 1
  return tf.tensor2d(values, [rows, classes])
}

/** The largest |a − b|₂ over all b. */
function movement(a: Float32Array, others: readonly Float32Array[]): number {
  return Math.sqrt(
    others.reduce((most, b) => {
      let sum = 0
      for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
      return Math.max(most, sum)
    }, 0),
  )
}

/** How often the weights are moved to find a noise floor. */
const DRAWS = 4

/**
 * w·(1 + e·N(0, 1)) several times, with e one unit in the last place, as the goldens' own noise floors were made; a
 * GPU's sums stray some times further.
 */
export function jittered(theta: Float32Array): Float32Array[] {
  const random = randomStream(1, 'noise')
  const amount = 1.2e-7 * backendFactor()
  return Array.from({ length: DRAWS }, () => theta.map((value) => value * (1 + amount * random.normal())))
}
