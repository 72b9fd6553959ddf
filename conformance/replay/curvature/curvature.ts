/**
 * Kind `curvature`: the Hessian of the objective at stored weights, by the very functions that the measures call.
 * Tensors: params/, state/, images, labels, v/ (a unit vector) and, under `product`, H v.
 */

import { LOSSES } from '../../../src/core/config/losses'
import { momentsOf } from '../../../src/core/landscape/curvature/density'
import { EIGEN_DEFAULTS, extremeEigenvalues } from '../../../src/core/landscape/curvature/eigenvalues'
import { KrylovSpaces } from '../../../src/core/landscape/curvature/krylov'
import { Objective } from '../../../src/core/landscape/curvature/objective'
import { spectrumOf } from '../../../src/core/landscape/curvature/spectrum'
import { estimateTrace, Moments, TRACE_DEFAULTS } from '../../../src/core/landscape/curvature/trace'
import type { Network } from '../../../src/core/models/network'
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { backendFactor, type Checks } from '../checks'
import { kind } from '../kind'
import { networkFields, networkOf } from '../networks'
import { gather, labelRows, needTensor, norm, onDevice } from '../vectors'

/**
 * Beside the largest eigenvalue, on cpu; ten times as much on WebGPU. What an exact product in 32 bits loses is 50 times
 * less, a finite difference is off by 1e-1.
 */
const TOLERANCE = 1e-5
/** What is left of a trace may be off by so many standard errors, and these may be so large a part of it. */
const ERRORS = 3
const LARGEST_ERROR = 0.02
/** Of the two first moments of a quadrature from a known vector, relative. */
const MOMENTS = 1e-5

/** Two steps are enough for a quadrature to be exact for λ and λ² of its probe. */
const SPECTRUM = { steps: 2, probes: 16, seed: 0 }
/** Where many estimates are compared, one of a hundred may well be more than three standard errors off. */
const PARTS_ERRORS = 4.5

const expectedFields = z.looseObject({
  /** Decay included. */
  loss: z.number(),
  gradient_norm: z.number(),
  curvature_along_gradient: z.number(),
  /** Descending; as many as there are. */
  eigenvalues: z.array(z.number()),
  lambda_min: z.number(),
  hv_norm: z.number(),
  vhv: z.number(),
  trace: z.number(),
  trace_by_parameter: z.record(z.string(), z.number()),
  frobenius_squared: z.number(),
})
type Expected = z.infer<typeof expectedFields>

const fields = z.strictObject({
  network: networkFields,
  loss: z.enum(LOSSES),
  label_smoothing: z.number(),
  weight_decay: z.number(),
  no_weight_decay_on_bn: z.boolean(),
  /** What the names of the product with v begin with. */
  product: z.string().optional(),
  expected: expectedFields,
})

export const curvature = kind(
  'curvature',
  fields,
  async ({ expected, product, ...one }, checks, { tensors }) => {
    const network = networkOf(one.network)
    const images = onDevice<tf.Tensor4D>(tensors, 'images')
    const labels = labelRows(needTensor(tensors, 'labels').data, images.shape[0], network.numClasses)
    const batch = { images, labels }
    const theta = tf.tensor1d(gather(network.params, tensors, 'params/'))
    const batchStats = tf.tensor1d(gather(network.stats, tensors, 'state/'))
    const v = tf.tensor1d(gather(network.params, tensors, 'v/'))
    const batches = cut(batch)
    const settings = {
      loss: one.loss,
      labelSmoothing: one.label_smoothing,
      weightDecay: one.weight_decay,
      noWeightDecayOnBn: one.no_weight_decay_on_bn,
    }
    const objective = new Objective(network, batches, settings, { theta, batchStats })
    try {
      await compareGradient(checks, objective, expected)
      const hv = product === undefined ? undefined : gather(network.params, tensors, product)
      await compareProduct(checks, objective, v, expected, hv)
      await compareSpaces(checks, objective, network, v, expected)
    } finally {
      objective.dispose()
      tf.dispose([batch, batches, theta, batchStats, v] as tf.TensorContainer)
    }
  },
)

/** Two batches of different sizes, so that what is compared is a sum over batches. */
function cut({ images, labels }: { images: tf.Tensor4D; labels: tf.Tensor2D }) {
  const count = labels.shape[0]
  const first = Math.ceil(0.6 * count)
  return [
    { from: 0, to: first },
    { from: first, to: count },
  ].map(({ from, to }) => ({
    images: tf.slice(images, from, to - from),
    labels: tf.slice(labels, from, to - from),
  }))
}

async function compareGradient(checks: Checks, objective: Objective, expected: Expected): Promise<void> {
  const tolerance = TOLERANCE * backendFactor()
  const { value, gradient } = objective.gradient()
  const norm = tf.norm(gradient) as tf.Scalar
  const unit: tf.Tensor1D = tf.div(gradient, norm)
  const product = objective.product(unit)
  const along = tf.sum(tf.mul(unit, product))
  const [loss, size, curvature] = await Promise.all(
    [value, norm, along].map(async (one) => (await one.data())[0]),
  )
  tf.dispose([value, gradient, norm, unit, product, along])
  checks.scalar('loss', loss, expected.loss, tolerance)
  checks.scalar('gradient norm', size, expected.gradient_norm, tolerance)
  const largest = expected.eigenvalues[0]
  checks.scalar(
    'curvature along the gradient',
    curvature,
    expected.curvature_along_gradient,
    tolerance * largest,
  )
}

async function compareProduct(
  checks: Checks,
  objective: Objective,
  v: tf.Tensor1D,
  expected: Expected,
  hv: Float32Array | undefined,
): Promise<void> {
  const product = objective.product(v)
  const values = await product.data()
  product.dispose()
  const tolerance = TOLERANCE * backendFactor() * expected.hv_norm
  checks.scalar('‖Hv‖', norm(values), expected.hv_norm, tolerance)
  if (hv) checks.scalar('‖Hv − its golden‖', norm(values.map((value, i) => value - hv[i])), 0, tolerance)
}

async function compareSpaces(
  checks: Checks,
  objective: Objective,
  { params }: Network,
  v: tf.Tensor1D,
  expected: Expected,
): Promise<void> {
  const spaces = new KrylovSpaces(objective)
  const start = tf.randomNormal([params.size], 0, 1, 'float32', 5) as tf.Tensor1D
  const space = spaces.from(start)
  const known = spaces.from(v)
  try {
    const found = (await extremeEigenvalues(space, EIGEN_DEFAULTS))!
    const allowed = TOLERANCE * backendFactor() * expected.eigenvalues[0]
    checks.holds('eigenvalues converged', found.converged)
    found.top.forEach(({ value }, i) => {
      checks.scalar(`λ${i + 1}`, value, expected.eigenvalues[i], allowed)
    })
    checks.scalar('smallest λ', found.lowest.value, expected.lambda_min, allowed)

    const { trace, byParameter } = (await estimateTrace(objective, space, params, TRACE_DEFAULTS))!
    // What 32 bits lose of a sum is no matter of the probes.
    const rounding = TOLERANCE * backendFactor() * Math.abs(expected.trace)
    checks.scalar('trace', trace.value, expected.trace, ERRORS * trace.error + rounding)
    checks.scalar('standard error of the trace', trace.error, 0, LARGEST_ERROR * Math.abs(expected.trace))
    params.entries.forEach(({ name }, i) => {
      const { value, error } = byParameter[i]
      checks.scalar(
        `trace of ${name}`,
        value,
        expected.trace_by_parameter[name],
        PARTS_ERRORS * error + rounding,
      )
    })

    await known.grow({ steps: 3 })
    const { values: nodes, components } = known.decomposed([0])
    const weights = components[0].map((first) => first * first)
    const [first, second] = [1, 2].map((power) => momentsOf([{ nodes, weights }], power)[0])
    checks.scalar('quadrature of λ', first, expected.vhv, MOMENTS * backendFactor() * expected.hv_norm)
    checks.scalar(
      'quadrature of λ²',
      second,
      expected.hv_norm ** 2,
      MOMENTS * backendFactor() * expected.hv_norm ** 2,
    )

    const spectra = await spectrumOf(spaces, SPECTRUM)
    const wanted = { 1: expected.trace, 2: expected.frobenius_squared }
    for (const [power, sum] of Object.entries(wanted)) {
      const moments = new Moments()
      for (const moment of momentsOf(spectra, Number(power))) moments.add(moment * params.size)
      const { value, error } = moments.estimate()
      checks.scalar(`Σλ^${power} of the spectrum`, value, sum, PARTS_ERRORS * error)
    }
  } finally {
    space.dispose()
    known.dispose()
    spaces.dispose()
    start.dispose()
  }
}
