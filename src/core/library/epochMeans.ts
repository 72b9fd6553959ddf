/** What the reference writes once an epoch: means over its steps, under its tags; and ours beside them. */
import type { EdgeMetrics, EvalMetrics, StepMetrics } from '../../core/runs/metrics'

export type Scalars = [tag: string, value: number][]

const ZERO = { loss: 0, kept: 0, perturbed: 0, gap: 0, errorRate: 0, gradientNorm: 0, paramNorm: 0 }

/** Of the logits that the reference keeps: the last pass's, which while a method is off is the only one. */
const keptLoss = ({ loss, perturbedLoss }: StepMetrics) =>
  Number.isNaN(perturbedLoss) ? loss : perturbedLoss

export class EpochMeans {
  #count = 0
  #measured = 0
  readonly #sums = { ...ZERO }
  #last: StepMetrics | undefined

  add(row: StepMetrics): void {
    const sums = this.#sums
    this.#count++
    sums.loss += row.loss
    sums.errorRate += row.errorRate
    sums.gradientNorm += row.gradientNorm
    sums.paramNorm += row.paramNorm
    sums.kept += keptLoss(row)
    if (!Number.isNaN(row.perturbedLoss)) {
      this.#measured++
      sums.perturbed += row.perturbedLoss
      sums.gap += row.perturbedLoss - row.loss
    }
    this.#last = row
  }

  /**
   * The epoch's scalars; the next epoch begins.
   * @param perturbs its train_loss is that of the second pass, as the reference's under SAM; L(θ) is `clean_loss`
   */
  finish(perturbs: boolean): Scalars {
    const last = this.#last
    if (!last) return []
    const mean = (sum: number) => sum / this.#count
    const { loss, kept, perturbed, gap, errorRate, gradientNorm, paramNorm } = this.#sums
    const scalars: Scalars = [
      ['train_error_rate', mean(errorRate)],
      ['train_loss', mean(perturbs ? kept : loss)],
      ['gradient_norm', mean(gradientNorm)],
      ['param_norm', mean(paramNorm)],
      ['learning_rate', last.learningRate],
      ['clean_loss', mean(loss)],
    ]
    if (this.#measured > 0) {
      scalars.push(['perturbed_loss', perturbed / this.#measured], ['sharpness_gap', gap / this.#measured])
    }
    scalars.push(['gradient_evaluations', last.gradientEvaluations], ['train_seconds', last.seconds])
    Object.assign(this.#sums, ZERO)
    this.#count = 0
    this.#measured = 0
    return scalars
  }
}

/** @param averaged the moving average was evaluated, which the reference says in the tag */
export function evaluationScalars(metrics: EvalMetrics, averaged: boolean): Scalars {
  const test = averaged ? 'ema_test' : 'test'
  return measured([
    [`${test}_error_rate`, metrics.testErrorRate],
    [`${test}_loss`, metrics.testLoss],
    [`${test}_top_5_error_rate`, metrics.testTop5ErrorRate],
    ['eval_on_train_error_rate', metrics.trainErrorRate],
    ['eval_on_train_loss', metrics.trainLoss],
    ['memorised_wrong_labels', metrics.memorised],
  ])
}

/** What of λ₁ and its edges stands under which tag. */
export const EDGE_TAGS = {
  top_eigenvalue: 'topEigenvalue',
  top_eigenvalue_residual: 'topEigenvalueResidual',
  edge_gradient_norm: 'edgeGradientNorm',
  stability_edge: 'stabilityEdge',
  sam_edge: 'samEdge',
  batch_sharpness: 'batchSharpness',
  batch_sharpness_error: 'batchSharpnessError',
} as const satisfies Record<string, keyof EdgeMetrics>

export const edgeScalars = (metrics: EdgeMetrics): Scalars =>
  measured(Object.entries(EDGE_TAGS).map(([tag, name]) => [tag, metrics[name]]))

const measured = (scalars: readonly [tag: string, value: number | undefined][]): Scalars =>
  scalars.filter((scalar): scalar is [string, number] => scalar[1] !== undefined)
