/** The core's records that cross the worker boundary, re-exported so that the page imports one place. */
export type { Slice, SliceProgress, SliceSettings } from '../core/landscape/types'
export type { EvalMetrics, RunId, StepMetrics } from '../core/training/types'
