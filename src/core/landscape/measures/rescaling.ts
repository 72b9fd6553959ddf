/**
 * The rescaling test: one function by many weights (rescaling.ts), and of each what is said about it. Its answers stay to
 * the bit; the Hessian's largest eigenvalue and a slice along a random direction of fixed length do not; a
 * filter-normalised slice does.
 * Source: Dinh, Pascanu, Bengio, Bengio, "Sharp Minima Can Generalize For Deep Nets", ICML 2017.
 */
import { capture } from '../../../engine/capture/capture'
import * as tf from '../../../engine/tf'
import { z } from '../../zod'
import { EIGEN_DEFAULTS, extremeEigenvalues, LEAST_VECTORS, stepsWithin } from '../curvature/eigenvalues'
import { KrylovSpaces, seededStart } from '../curvature/krylov'
import type { Objective } from '../curvature/objective'
import { AS_SLICED, lookAtEach } from '../curvature/subjects'
import { filterNormalised, gaussianDraw } from '../directions'
import { coarseToFine, symmetricPoints } from '../grid'
import { norm, scaledTo } from '../planes/vectors'
import { pointOnSlice } from '../point'
import { Predictions } from '../predictions'
import { powersOfTwo, type RescaledLayers, rescaled, rescaledLayers } from '../rescaling'
import { lossPoint, nans, type SliceTarget, withProbes } from '../slice'
import { measurePoints } from '../sweep'
import type { Finding, Measure, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { Meter } from './meter'
import { GROUPS, SHARED, setting } from './settings'

const { range, points_1d, num_images, direction_seed } = SHARED
const settings = {
  range,
  points_1d,
  num_images,
  direction_seed,
  octaves: setting(z.number().int().min(1).max(8).default(3), {
    label: 'Rescaling to 2ⁿ',
    help: 'α goes from 2⁻ⁿ to 2ⁿ in powers of two, which change no digit of a weight.',
    step: 1,
    group: GROUPS.curve,
  }),
}
type Settings = SettingsIn<typeof settings>

/** Row-major: a slice's loss (k, i) is at alpha[k], a[i]. */
export type RescalingValues = {
  alpha: Float64Array
  a: Float64Array
  /** Along one direction of one length. */
  plain: Float64Array
  /** Along the same draw, scaled to the filters of each weights. */
  normalised: Float64Array
  lambda1: Float64Array
  lambda1_residual: Float64Array
  test_error: Float64Array
  /** Test images answered otherwise than at α = 1, and how far the furthest logit is off. */
  changed: Float64Array
  largest_difference: Float64Array
  test_images?: number
  /** The layer that is multiplied, the one that is divided. */
  layer: readonly string[]
}

export const rescaling: Measure<'rescaling', typeof settings, RescalingValues> = {
  id: 'rescaling',
  title: 'rescaling test',
  about:
    'One function by rescaled weights: what stays (answers, filter-normalised slices) and what does not (λ₁, plain slices).',
  runs: 'each',
  unit: 'evaluations',
  settings,
  yields: {
    alpha: ['alpha'],
    a: ['a'],
    plain: ['alpha', 'a'],
    normalised: ['alpha', 'a'],
    lambda1: ['alpha'],
    lambda1_residual: ['alpha'],
    test_error: ['alpha'],
    changed: ['alpha'],
    largest_difference: ['alpha'],
    test_images: [],
    layer: ['layer'],
  },
  holds: () => ({ vectors: LEAST_VECTORS, pass: 'product' }),
  compute,
}

/** Products that λ₁ usually takes; progress counts on them. */
const USUAL_PRODUCTS = 20
const LAMBDA = { ...EIGEN_DEFAULTS, top: 1, tolerance: 1e-3, lowest: false }

async function compute(job: MeasureJob<Settings, RescalingValues>): Promise<MeasureOutcome<RescalingValues>> {
  const layers = job.runs.map(rescaledLayers)
  const alpha = powersOfTwo(job.settings.octaves)
  const a = symmetricPoints(job.settings.range, job.settings.points_1d)
  const findings = job.runs.map(({ key }, r): Finding<RescalingValues> => {
    const each = () => nans(alpha.length)
    const layer = [layers[r].first.name, layers[r].next.name]
    const slices = { plain: nans(alpha.length * a.length), normalised: nans(alpha.length * a.length) }
    const numbers = { lambda1: each(), lambda1_residual: each(), test_error: each() }
    const values = { alpha, a, ...slices, ...numbers, changed: each(), largest_difference: each(), layer }
    return { runs: [key], values }
  })
  const perAlpha = 2 * a.length + USUAL_PRODUCTS + 1
  const meter = new Meter(findings, perAlpha * alpha.length * job.runs.length, job.onProgress)
  const count = counting(meter)
  for (const [r, run] of job.runs.entries()) {
    if (job.signal?.aborted) break
    await withProbes([run], job.settings.num_images, async ([target]) => {
      const images = { ...AS_SLICED, num_images: job.settings.num_images }
      await lookAtEach([run], images, ({ objective }) =>
        lookAt({ target, objective, layers: layers[r], values: findings[r].values, count, job }),
      )
    })
  }
  const cancelled = job.signal?.aborted === true
  if (!cancelled) meter.total = count.done
  meter.tell(!cancelled)
  return { findings, cancelled }
}

interface Count {
  done: number
  add(more: number): void
}

function counting(meter: Meter<RescalingValues>): Count {
  return {
    done: 0,
    add(more) {
      this.done += more
      meter.reach(this.done)
    },
  }
}

interface Look {
  target: SliceTarget
  objective: Objective
  layers: RescaledLayers
  values: RescalingValues
  count: Count
  job: MeasureJob<Settings, RescalingValues>
}

async function lookAt({ target, objective, layers, values, count, job }: Look): Promise<void> {
  const { settings: wanted, signal } = job
  const maxSteps = stepsWithin(job.vectors)
  const { network, batchStats, probe, config } = target
  const own = (await target.theta.data()) as Float32Array
  const draw = gaussianDraw(network.params.size, wanted.direction_seed, 0)
  const normalised = filterNormalised(draw, own, network.params, false)
  // The same entries of the draw, by one factor for all.
  const moved = draw.map((value, i) => (normalised[i] === 0 ? 0 : value))
  const plain = tf.tensor1d(scaledTo(moved, norm(normalised)))
  const predictions = await Predictions.open(target, wanted.num_images)
  values.test_images = predictions.count
  const start = seededStart(objective, config.run_seed)
  const spaces = new KrylovSpaces(objective)
  await probe.chooseKernels(target.theta, batchStats)
  const sums = capture(({ theta, d, at }: { theta: tf.Tensor1D; d: tf.Tensor1D; at: tf.Scalar }) =>
    probe.sums(pointOnSlice(theta, [d], [at]), batchStats),
  )
  try {
    for (const k of fromTheMiddle(values.alpha.length)) {
      if (signal?.aborted) return
      const weights = rescaled(own, layers, values.alpha[k])
      const theta = tf.tensor1d(weights)
      const along = tf.tensor1d(filterNormalised(draw, weights, network.params, false))
      try {
        const { error, changed, largestDifference } = await predictions.of(theta)
        values.test_error[k] = error
        values.changed[k] = changed
        values.largest_difference[k] = largestDifference
        count.add(1)
        objective.moveTo({ theta, batchStats })
        const space = spaces.from(start)
        const wanted = { ...LAMBDA, maxSteps }
        const found = await extremeEigenvalues(space, wanted, { signal }).finally(() => space.dispose())
        values.lambda1[k] = found?.top[0].value ?? Number.NaN
        values.lambda1_residual[k] = found?.top[0].residual ?? Number.NaN
        count.add(USUAL_PRODUCTS)
        const row = k * values.a.length
        await measurePoints(
          coarseToFine(values.a.length).flatMap((i) => {
            const at = (d: tf.Tensor1D) => () => sums({ theta, d, at: tf.scalar(values.a[i]) })
            return [
              lossPoint(target, at(plain), { loss: values.plain }, row + i),
              lossPoint(target, at(along), { loss: values.normalised }, row + i),
            ]
          }),
          (more) => count.add(more),
          signal,
        )
      } finally {
        tf.dispose([theta, along])
      }
    }
  } finally {
    objective.moveTo({ theta: target.theta, batchStats })
    sums.dispose()
    spaces.dispose()
    predictions.dispose()
    tf.dispose([plain, start])
  }
}

/** α = 1 first: the others are held against it. */
const fromTheMiddle = (n: number): number[] => {
  const middle = (n - 1) >> 1
  return Array.from({ length: n }, (_, i) => i).sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))
}
