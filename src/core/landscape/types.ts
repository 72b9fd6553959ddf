/** What a slice of the loss landscape is: a request and its result, plain data on both sides of the worker. */
import { z } from 'zod'
import type { RunId } from '../training/types'

/** Settings shared by every slice. Images are a fixed, seeded subset of the training images (labels as trained on). */
export const sliceSettingsSchema = z
  .object({
    /** Half width a of [−a, a] along each direction. */
    range: z.number().min(0.01).max(10).default(1),
    /** Points of a 1-D slice (odd, so that the minimum is one of them). */
    points_1d: z.number().int().min(3).max(401).default(41),
    /** Points along each side of a 2-D slice. */
    points_2d: z.number().int().min(3).max(101).default(21),
    /** Training images the loss is measured on, in evaluation mode. */
    num_images: z.number().int().min(1).max(60000).default(1000),
    /** Picks the random directions; the same draw serves both runs. */
    direction_seed: z.number().int().min(0).max(4294967295).default(0),
    /** Let directions move batch-norm and bias entries too (Li et al. leave them out). */
    include_bn_and_bias: z.boolean().default(false),
  })
  .strict()
export type SliceSettings = z.infer<typeof sliceSettingsSchema>

/** L and error along one line. `loss` and `error` have the length of `at`; NaN where not computed yet. */
export interface Slice1D {
  kind: 'line'
  run: RunId
  at: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
}

/** L((1−t)·θ_SGD + t·θ_SAM), batch-norm statistics interpolated too. */
export interface InterpolationSlice {
  kind: 'interpolation'
  /** t, from −0.5 to 1.5 */
  at: Float64Array
  loss: Float64Array
  error: Float64Array
}

/** L(θ + x·d₁ + y·d₂). Row-major: value(i, j) at y[i], x[j]; NaN where not computed yet. */
export interface Slice2D {
  kind: 'surface'
  run: RunId
  x: Float64Array
  y: Float64Array
  loss: Float64Array
  error: Float64Array
}

export type Slice = Slice1D | InterpolationSlice | Slice2D

export interface SliceProgress {
  /** Points done and wanted over the whole request. */
  done: number
  total: number
  secondsLeft: number | undefined
  /** Everything computed so far (coarse points first); the same arrays grow from message to message. */
  slices: Slice[]
  finished: boolean
}
