/** What a slice of the loss landscape is: a request and its result, plain data on both sides of the worker. */
import type { RunKey } from '../runs/metrics'

/** The stretch around the centre of a line where L stays at or below `level`. */
export interface BasinWidth {
  level: number
  left: number
  right: number
  /** right − left, in units of the normalised direction. */
  width: number
  /** True where the slice ended before the loss reached the level: the width is at least this. */
  clipped: boolean
}

/** L and error along one line. `loss` and `error` have the length of `at`; NaN where not computed yet. */
export interface Slice1D {
  kind: 'line'
  run: RunKey
  at: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
  /** Set when the whole line is measured; both runs of a pair at the same level (width.ts says which). */
  width?: BasinWidth
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
  run: RunKey
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
