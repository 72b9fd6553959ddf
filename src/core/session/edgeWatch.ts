/**
 * The curvature of what a run trains, met while it trains: λ₁ by Lanczos on exact products, from the vectors that it
 * found last, and for small batches the sharpness that each of them sees. Beside them the edges of stability.
 * The objective is the one that is trained, weight decay included, of the weights that train (not their average), on a
 * fixed subset of the training images in evaluation mode.
 * Source: Cohen et al. 2021 (λ₁); Andreyev & Beneventano 2024 (batch sharpness).
 */
import { randomStream } from '../../base/random'
import { type Captured, capture } from '../../engine/capture/capture'
import { smoothLabels } from '../../engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../engine/tf'
import type { RunConfig } from '../config/schema'
import { edgesOfRun } from '../landscape/curvature/edgesOfRun'
import {
  type EigenSettings,
  type Eigenvalues,
  eigenvaluesOf,
  eigenvectorsOf,
} from '../landscape/curvature/eigenvalues'
import { type KrylovSpace, KrylovSpaces } from '../landscape/curvature/krylov'
import { Objective, type ObjectiveSettings } from '../landscape/curvature/objective'
import { hessianVectorProduct } from '../landscape/hessian'
import type { Network } from '../models/network'
import { learningRateAt } from '../optim/schedule'
import type { EdgeMetrics } from '../runs/metrics'
import { meanLoss } from '../step/loss'
import { decayPenalty } from '../step/objective'
import { decayOf } from '../step/step'
import type { DeviceBatch, StepHyper } from '../step/types'

/** λ₁ is off by less than its residual, mostly by its square beside the gap to λ₂: a panel needs no more. */
const EIGEN: EigenSettings = { top: 1, tolerance: 2e-2, maxSteps: 60, lowest: false }
/** Products before the first look, and between two looks: a look reads the device. */
const FIRST = 4
const STRIDE = 2
/** Batches whose sharpness is read together, and the standard error beside their mean at which they are enough. */
const ROUND = 16
const SHARPNESS_ERROR = 0.05
/** The next search begins at a sum of so many vectors: one that has overtaken the first is among them. */
const KEPT = 3
const WEIGHTS = [1, 0.3, 0.3]

/** What is looked at, as it stands. */
export interface WatchedPoint {
  step: number
  theta: tf.Tensor1D
  /** [S] */
  batchStats: tf.Tensor1D
}

export type EdgeNumbers = Omit<EdgeMetrics, 'epoch' | 'seconds' | 'gradientEvaluations' | 'edgeSeconds'>

interface SharpnessInput {
  theta: tf.Tensor1D
  batchStats: tf.Tensor1D
  batch: DeviceBatch
}

export interface EdgeWatchOptions {
  network: Network
  config: RunConfig
  hyper: StepHyper
  totalSteps: number
  stepsPerEpoch: number
  /** Those that λ₁ is of, in batches; borrowed. */
  images: readonly DeviceBatch[]
  /** The same in batches of the run's size, where their sharpness is asked for; borrowed. */
  small: readonly DeviceBatch[]
}

export class EdgeWatch {
  readonly #options: EdgeWatchOptions
  readonly #objective: Objective
  readonly #spaces: KrylovSpaces
  readonly #decay: ReturnType<typeof decayOf>
  readonly #sharpness: Captured<SharpnessInput, tf.Scalar>
  #start: tf.Tensor1D
  #tuned = false

  /** @param point where it is now; later ones are given to `measure` */
  constructor(options: EdgeWatchOptions, point: WatchedPoint) {
    this.#options = options
    const { network, config, hyper, images } = options
    const settings: ObjectiveSettings = {
      loss: config.loss,
      labelSmoothing: config.label_smoothing,
      weightDecay: config.weight_decay,
      noWeightDecayOnBn: config.no_weight_decay_on_bn,
    }
    this.#objective = new Objective(network, images, settings, {
      theta: point.theta,
      batchStats: point.batchStats,
    })
    this.#spaces = new KrylovSpaces(this.#objective)
    this.#decay = decayOf(network, hyper)
    this.#sharpness = capture((input) => this.#sharpnessOf(input))
    const random = randomStream(config.run_seed, 'directions')
    const draw = Float32Array.from({ length: network.params.size }, () => random.normal())
    this.#start = tf.keep(tf.tensor1d(draw))
  }

  /**
   * @param interrupted asked between products
   * @returns undefined where it was interrupted, or nothing came of it
   */
  async measure(point: WatchedPoint, interrupted: () => boolean): Promise<EdgeNumbers | undefined> {
    const { theta, batchStats } = point
    this.#objective.moveTo({ theta, batchStats })
    if (!this.#tuned) await this.#objective.chooseKernels()
    this.#tuned = true
    const found = await this.#topEigenvalue(interrupted)
    if (!found || interrupted()) return undefined
    const { config, totalSteps, stepsPerEpoch } = this.#options
    const gradientNorm = await this.#gradientNorm()
    const sharpness = await this.#batchSharpness(point, interrupted)
    const { step } = point
    const learningRate = learningRateAt(config, Math.min(step, totalSteps - 1), stepsPerEpoch)
    const [{ value, residual }] = found.top
    return {
      step,
      topEigenvalue: value,
      topEigenvalueResidual: residual,
      edgeGradientNorm: gradientNorm,
      ...edgesOfRun(config, { step, totalSteps, learningRate }, gradientNorm),
      ...sharpness,
    }
  }

  dispose(): void {
    this.#spaces.dispose()
    this.#objective.dispose()
    this.#sharpness.dispose()
    this.#decay.mask?.dispose()
    this.#start.dispose()
  }

  async #topEigenvalue(interrupted: () => boolean): Promise<Eigenvalues | undefined> {
    const space = this.#spaces.from(this.#start)
    try {
      let found: Eigenvalues | undefined
      for (let steps = FIRST; steps <= EIGEN.maxSteps && !found?.converged; steps += STRIDE) {
        await space.grow({ steps })
        if (interrupted() || ![...space.alpha, ...space.beta].every(Number.isFinite)) return undefined
        found = eigenvaluesOf(space, EIGEN)
      }
      if (found) this.#keep(space)
      return found
    } finally {
      space.dispose()
    }
  }

  /** Where the next search begins. */
  #keep(space: KrylovSpace): void {
    const wanted = eigenvaluesOf(space, { ...EIGEN, top: KEPT })!
    const before = this.#start
    this.#start = tf.tidy(() => {
      const vectors = eigenvectorsOf(space, wanted).slice(0, wanted.top.length)
      return tf.keep(
        vectors.map((v, i) => tf.mul(v, WEIGHTS[i])).reduce((a, b) => tf.add(a, b)) as tf.Tensor1D,
      )
    })
    before.dispose()
  }

  async #gradientNorm(): Promise<number> {
    const norm = tf.tidy(() => tf.norm(this.#objective.gradient().gradient))
    const [value] = await norm.data()
    norm.dispose()
    return value
  }

  async #batchSharpness(
    { step, theta, batchStats }: WatchedPoint,
    interrupted: () => boolean,
  ): Promise<Pick<EdgeMetrics, 'batchSharpness' | 'batchSharpnessError'>> {
    const { small } = this.#options
    if (small.length < 2) return {}
    // Another look begins with other batches.
    const order = small.map((_, i) => small[(step + i) % small.length])
    const values: number[] = []
    while (values.length < small.length) {
      if (interrupted()) return {}
      const round = order.slice(values.length, values.length + ROUND)
      const read = tf.tidy(() =>
        tf.stack(round.map((batch) => this.#sharpness({ theta, batchStats, batch }))),
      )
      values.push(...(await read.data()))
      read.dispose()
      const { mean, error } = meanOf(values)
      if (error <= SHARPNESS_ERROR * Math.abs(mean)) break
    }
    const { mean, error } = meanOf(values)
    return { batchSharpness: mean, batchSharpnessError: error }
  }

  /** gᵀHg/‖g‖², g and H of this batch alone. */
  #sharpnessOf({ theta, batchStats, batch }: SharpnessInput): tf.Scalar {
    const { network, config } = this.#options
    const targets = smoothLabels(batch.labels, config.label_smoothing)
    const objective = (t: tf.Tensor1D): tf.Scalar => {
      const { logits } = network.forward(t, batchStats, batch.images, false)
      const loss = meanLoss(config.loss, logits, targets)
      return config.weight_decay > 0 ? tf.add(loss, decayPenalty(t, this.#decay)) : loss
    }
    const g = tf.grad(objective as (t: tf.Tensor) => tf.Tensor)(theta) as tf.Tensor1D
    const product = hessianVectorProduct(objective, theta, g)
    return tf.divNoNan(tf.sum(tf.mul(g, product)), tf.sum(tf.square(g)))
  }
}

/** With its standard error. */
function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((a, b) => a + b) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, error: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) }
}
