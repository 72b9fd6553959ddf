/**
 * What a training method is: how the gradient of one update is found. A method is written as Algorithm 1 of its paper,
 * against ∇L at any point; batches, replicas, clipping, optimizer and average are the training step's. A method computes
 * nothing by itself (the step hands it its arithmetic), so that forms and lists name methods without loading tensors.
 */
import type { Results } from '../../../engine/ops/flat/flat'
import type { Formula, Made } from '../../../engine/ops/flat/formula'
import type * as tf from '../../../engine/tf'
import { fieldsOf } from '../../fieldMeta'
import type { z } from '../../settingTypes'
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

/**
 * What an update descends and what is told of it: `loss` is L(θ), `perturbedLoss` L(θ + ε̂) where it was met; of its
 * slots those that the update changes.
 */
export type MethodResult = Gradient & { perturbedLoss?: tf.Scalar; slots?: Slots<tf.Tensor1D> }

/** The run's settings that every method may read, by the names of their flags. */
export interface CommonSettings {
  /** 0: plain SGD, whatever the variant. */
  sam_rho: number
  /** The id of the method at ρ > 0. */
  sam_variant: string
  /** The base of the schedule. */
  learning_rate: number
  run_seed: number
}

/** A piece of θ, as a network names it: `conv/kernel`. */
export interface Piece {
  name: string
  role: 'kernel' | 'depthwise_kernel' | 'dense' | 'bias' | 'scale'
}

/** What of a network decides whether a method has anything to do in it. */
export interface NetworkFacts {
  name: string
  /** It has normalisation layers with scale and shift. */
  hasNorms: boolean
}

/** Where in a run an update stands. */
export interface Place {
  /** Updates before this one. */
  step: number
  /** Of those at which the method is on, the first. */
  isFirst: boolean
}

/** The numbers of one update, as the host knows them. */
export interface MethodNumbers extends Place {
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
  /** ⟨a, b⟩ */
  dot(a: tf.Tensor1D, b: tf.Tensor1D): tf.Scalar
  /** Standard normal values z, as many as `like` has, from a key below 2²⁴; and ‖z‖. */
  normals(like: tf.Tensor1D, key: tf.Scalar): { z: tf.Tensor1D; norm: tf.Scalar }
}

/** All that a method's step reads. */
export interface MethodInput<S = CommonSettings> {
  theta: tf.Tensor1D
  /** Its numbers of this update, on the device. */
  scalars: Record<string, tf.Scalar>
  /** Its vectors as the update before left them. */
  slots: Slots<tf.Tensor1D>
  /** [P] of 1 and 0 each, by name. */
  masks: Record<string, tf.Tensor1D>
  settings: S
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

/** @typeParam S the settings it reads, its own among them */
export interface Method<S extends CommonSettings = CommonSettings> {
  id: string
  /** `SGD`, `SAM`: in sentences and tables. */
  title: string
  /** What it does and costs, in two sentences. */
  help: string
  paper?: { title: string; url: string }
  /** The value of `sam_variant` that asks for it; undefined where other settings do. */
  variant: string | undefined
  /** True where these settings are this method's. */
  takes(settings: S): boolean
  /** Why such a run cannot be, in the form `flag: rule, got value. What to do.`; undefined where it can. */
  refuses?(settings: S, network: NetworkFacts): string | undefined
  /** Settings of its own. */
  fields: Readonly<Record<string, z.ZodMiniType>>
  /** The flags that have a say in it and not in every run. */
  reads: readonly string[]
  /** Gradient evaluations of an update. */
  cost(settings: S, at: Place): number
  /** Every group of replicas takes the step by itself (m-sharpness); else all of them as one. */
  perGroup: boolean
  /** Vectors [P] that it holds while a pass runs, θ and the gradient apart. */
  held: number
  /** Vectors [P] that it keeps from one update to the next. */
  slots: readonly Slot[]
  /** Which pieces of θ are 1 in a mask, the others being 0. Uploaded once. */
  masks?: Readonly<Record<string, (piece: Piece, all: readonly Piece[]) => boolean>>
  /** What of an update's numbers the step reads, by name: all that may differ between two updates of one phase. */
  scalars(settings: S, numbers: MethodNumbers): Record<string, number>
  /** Where updates are of several kinds (every k-th): which this is. Each is recorded by itself. */
  phaseOf?(settings: S, at: Place): string
  step(input: MethodInput<S>): MethodStep
}

/** A setting that methods bring; the reference has none of them. */
export const field = fieldsOf('method', { ours: true })

type Shape = Readonly<Record<string, z.ZodMiniType>>
type SettingsOf<F extends Shape> = CommonSettings & { [K in keyof F]: z.output<F[K]> }

/** All of a method but what follows from its name and its fields. */
type Spec<F extends Shape> = Omit<Method<SettingsOf<F>>, 'variant' | 'takes' | 'fields'> & {
  fields?: F
  /** Absent: `sam_variant` asks for it by its id. */
  takes?(settings: SettingsOf<F>): boolean
}

// biome-ignore lint/complexity/noBannedTypes: no settings of its own
export function method<F extends Shape = {}>({
  takes,
  fields = {} as F,
  reads,
  ...spec
}: Spec<F>): Method<SettingsOf<F>> & { fields: F } {
  return {
    ...spec,
    variant: takes ? undefined : spec.id,
    takes: takes ?? (({ sam_rho, sam_variant }) => sam_rho > 0 && sam_variant === spec.id),
    fields,
    reads: [...Object.keys(fields), ...reads],
  }
}
