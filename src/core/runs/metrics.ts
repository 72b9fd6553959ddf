/** The records the training core hands around. */

/** Which run of a session: `sgd`, `sam`, `sam2` …; also its class on the page and its name in files. */
export type RunKey = string

/** One training step's numbers, read from the device some steps late. */
export interface StepMetrics {
  step: number
  /** L(θ): the loss of the clean pass, with label smoothing, without weight decay. */
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

/** Curvature of what is trained, met while training, and the edges that it is held against. */
export interface EdgeMetrics {
  step: number
  epoch: number
  seconds: number
  gradientEvaluations: number
  /** λ₁ of the objective (weight decay and label smoothing included) in evaluation mode, on the images chosen for it. */
  topEigenvalue: number
  /** ‖Hv − λv‖ */
  topEigenvalueResidual: number
  /** ‖∇‖ of the same objective. */
  edgeGradientNorm: number
  /** Of the optimizer without SAM, at the rate of the next update; undefined where none is known. */
  stabilityEdge?: number
  /** Of SAM at this ‖∇‖; with momentum no bound. */
  samEdge?: number
  /** Mean of gᵀHg/‖g‖² over batches of the run's size, and its standard error. */
  batchSharpness?: number
  batchSharpnessError?: number
  /** What these measurements have taken of the run so far, beside its training's seconds. */
  edgeSeconds: number
}

/** What a table of metrics says of them. */
export const EDGE_COLUMNS = [
  'topEigenvalue',
  'topEigenvalueResidual',
  'edgeGradientNorm',
  'stabilityEdge',
  'samEdge',
  'batchSharpness',
  'batchSharpnessError',
  'edgeSeconds',
] as const satisfies readonly (keyof EdgeMetrics)[]
