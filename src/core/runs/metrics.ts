/** The records the training core hands around. */

/** Which run of a session: `sgd`, `sam`, `sam2` …; also its class on the page and its name in files. */
export type RunKey = string

/** One training step's numbers, read from the device some steps late. */
export interface StepMetrics {
  step: number
  /** L(θ): cross-entropy of the clean pass, with label smoothing, without weight decay. */
  loss: number
  /** L(θ + ε̂) on the same batch; NaN where it was not measured at this step. */
  perturbedLoss: number
  /** Error rate in [0, 1] of the logits the reference keeps (second pass under SAM). */
  errorRate: number
  /** ‖g‖ of the final gradient AFTER clipping, as the reference logs it. */
  gradientNorm: number
  /** ‖θ‖ after the update. */
  paramNorm: number
  learningRate: number
  /** Gradient evaluations so far in this run: what a step costs is its method's. */
  gradientEvaluations: number
  /** Seconds of training so far, without pauses, evaluations and the first step, in which kernels are compiled. */
  seconds: number
}

/** The columns of StepMetrics, in the order of every table and history. */
export const STEP_COLUMNS = [
  'step',
  'loss',
  'perturbedLoss',
  'errorRate',
  'gradientNorm',
  'paramNorm',
  'learningRate',
  'gradientEvaluations',
  'seconds',
] as const satisfies readonly (keyof StepMetrics)[]

/** Numbers over a whole split, in evaluation mode. */
export interface EvalMetrics {
  step: number
  epoch: number
  seconds: number
  gradientEvaluations: number
  testLoss: number
  /** [0, 1] */
  testErrorRate: number
  /** How many test images were used, and whether that is all of them. */
  testCount: number
  testIsWhole: boolean
  /** On the labels trained on; undefined where not evaluated. */
  trainLoss?: number
  trainErrorRate?: number
  /** Share of the wrong labels that the network predicts; undefined without label noise. */
  memorised?: number
  /** [0, 1]; undefined unless `compute_top_5_error_rate`. */
  testTop5ErrorRate?: number
}

/** What a table of metrics says of an evaluation, beside the columns of its step. */
export const EVALUATION_COLUMNS = [
  'testLoss',
  'testErrorRate',
  'testCount',
  'trainLoss',
  'trainErrorRate',
  'memorised',
  'testTop5ErrorRate',
] as const satisfies readonly (keyof EvalMetrics)[]
