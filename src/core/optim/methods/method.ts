/**
 * What a training method is: how the gradient of one update is found. A method is written as Algorithm 1 of its paper,
 * against ∇L at any point; batches, replicas, clipping, optimizer and average are the training step's. A method computes
 * nothing by itself (the step hands it its arithmetic), so that forms and lists name methods without loading tensors.
 */
import type { Results } from '../../../engine/ops/flat/flat'
import type { Formula, Made } from '../../../engine/ops/flat/formula'
import type * as tf from '../../../engine/tf'
import type { RunConfig } from '../../config/schema'
import type { ParamLayout } from '../../models/network'
import type { Slot, Slots } from '../slots'

/** What a pass over a batch gives. */
export type Gradient = {
  /** L, without weight decay. */
  loss: tf.Scalar
  errorRate: tf.Scalar
  /** [P], of the objective, weight decay included. */
  gradient: tf.Tensor1D
  /** Batch-norm statistics after this pass. */
  batchStats: tf.Tensor1D
}

/** What an update descends and what is told of it: `loss` is L(θ), `perturbedLoss` L(θ + ε̂) where it was met. */
export type MethodResult = Gradient & { perturbedLoss?: tf.Scalar; slots?: Slots<tf.Tensor1D> }

/** What of a run's settings methods read. */
export type MethodSettings = Pick<RunConfig, 'sam_rho'>

/** The numbers of one update, as the host knows them. */
export interface MethodNumbers {
  /** Updates before this one. */
  step: number
  learningRate: number
  /** Without SAM: also measure L(θ + ρ·g/‖g‖) at this ρ (one more forward pass, no gradient). */
  probeRho?: number
}

/** Arithmetic on vectors [P], all of it on the device. */
export interface VectorMath {
  /** @param constant the number that the formula calls so */
  apply<V extends string, S extends string, R extends Made>(
    what: Formula<V, S, R>,
    inputs: Record<V, tf.Tensor1D> & Record<S, tf.Scalar>,
    constant?: number,
  ): Results<R>
  /** ‖v‖₂ */
  norm(v: tf.Tensor1D): tf.Scalar
}

/** All that a method's step reads. */
export interface MethodInput {
  theta: tf.Tensor1D
  /** Its numbers of this update, on the device. */
  scalars: Record<string, tf.Scalar>
  /** Its vectors as the update before left them. */
  slots: Slots<tf.Tensor1D>
  /** Names, shapes and roles of the pieces of θ. */
  params: ParamLayout
  settings: MethodSettings
  /** See `phaseOf`. */
  phase: string
  math: VectorMath
}

/**
 * A step asks for passes and is given what they find: as a generator, because groups of replicas whose batch norm looks
 * at all of them must make each pass together.
 */
export type MethodStep = Generator<Ask, MethodResult, Gradient | tf.Scalar>

export type Ask =
  | { want: 'gradient'; at: tf.Tensor1D; purpose: 'ascent' | 'descent' }
  | { want: 'loss'; at: tf.Tensor1D }

/**
 * ∇L at a point, [P]. Where replicas share a step it is the SUM over them, as are losses and slots: the mean is taken
 * once, of what the step returns. So a method must be homogeneous: of twice the gradients it makes twice the result.
 * @param purpose a gradient to go uphill on is that of the loss as computed; one to descend draws the gates of
 * Shake-Shake and ShakeDrop anew on its way back, as training without SAM does
 */
export function* gradientAt(
  at: tf.Tensor1D,
  purpose: 'ascent' | 'descent' = 'descent',
): Generator<Ask, Gradient, Gradient | tf.Scalar> {
  return (yield { want: 'gradient', at, purpose }) as Gradient
}

/** L at a point, without a gradient. */
export function* lossAt(at: tf.Tensor1D): Generator<Ask, tf.Scalar, Gradient | tf.Scalar> {
  return (yield { want: 'loss', at }) as tf.Scalar
}

export interface Method {
  id: string
  /** `SGD`, `SAM`: in sentences and tables. */
  title: string
  /** What it does and costs, in two sentences. */
  help: string
  paper?: { title: string; url: string }
  /** True where these settings are this method's. */
  takes(settings: MethodSettings): boolean
  /** The settings it reads beside those of every run. */
  reads: readonly (keyof RunConfig)[]
  /** Gradient evaluations of the update after `step` others. */
  cost(settings: MethodSettings, step: number): number
  /** Every group of replicas takes the step by itself (m-sharpness); else all of them as one. */
  perGroup: boolean
  /** Vectors [P] that it holds while a pass runs, θ and the gradient apart. */
  held: number
  slots: readonly Slot[]
  /** What of an update's numbers the step reads, by name: all that may differ between two updates of one phase. */
  scalars(settings: MethodSettings, numbers: MethodNumbers): Record<string, number>
  /** Where updates are of several kinds (every k-th, from some step on): which this is. Each is recorded by itself. */
  phaseOf?(settings: MethodSettings, step: number): string
  step(input: MethodInput): MethodStep
}
