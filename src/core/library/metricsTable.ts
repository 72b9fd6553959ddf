/**
 * metrics.csv of a run: a line a step, evaluations on the line of their step. Numbers are written so that they read
 * back to the same bits.
 */
import { csvLine } from '../formats/csv'
import {
  EDGE_COLUMNS,
  type EdgeMetrics,
  EVALUATION_COLUMNS,
  type EvalMetrics,
  type RunKey,
  STEP_COLUMNS,
  type StepMetrics,
} from '../runs/metrics'

const COLUMNS = ['run', ...STEP_COLUMNS, ...EVALUATION_COLUMNS]

/** @param wide with the columns of λ₁ and its edges, which only a run has that looks at them */
export const metricsHeader = (wide: boolean): string =>
  csvLine(wide ? [...COLUMNS, ...EDGE_COLUMNS] : COLUMNS)
const FIRST_STEP_COLUMN = 1
const FIRST_EVALUATION_COLUMN = FIRST_STEP_COLUMN + STEP_COLUMNS.length
const NARROW = FIRST_EVALUATION_COLUMN + EVALUATION_COLUMNS.length
const WIDE = NARROW + EDGE_COLUMNS.length

/** What an evaluation says beside its step. */
export type EvaluationNumbers = Partial<Record<(typeof EVALUATION_COLUMNS)[number], number>>

/** What λ₁ and its edges say beside their step. */
export type EdgeTableNumbers = Partial<Record<(typeof EDGE_COLUMNS)[number], number>>

export interface MetricsLine {
  row: StepMetrics
  evaluation?: EvaluationNumbers
  edge?: EdgeTableNumbers
}

export function metricsLine(run: RunKey, { row, evaluation, edge }: MetricsLine, wide: boolean): string {
  return csvLine([
    run,
    ...STEP_COLUMNS.map((name) => row[name]),
    ...EVALUATION_COLUMNS.map((name) => evaluation?.[name]),
    ...(wide ? EDGE_COLUMNS.map((name) => edge?.[name]) : []),
  ])
}

/**
 * The lines up to the first that is not whole, or does not follow the one before it: a process that was killed may
 * have left half a line.
 * @param until no step beyond this
 */
export function readMetrics(text: string, until = Number.POSITIVE_INFINITY): MetricsLine[] {
  const lines: MetricsLine[] = []
  let last = 0
  const [header, ...written] = text.split('\n')
  // Of a table that is being widened the last lines may be wide already; in a wide one all are.
  const widths = header.split(',').length === WIDE ? [WIDE] : [NARROW, WIDE]
  for (const line of written) {
    const fields = line.split(',')
    const step = number(fields[FIRST_STEP_COLUMN])
    if (!widths.includes(fields.length) || !Number.isInteger(step) || step <= last || step > until) break
    last = step
    const row = Object.fromEntries(
      STEP_COLUMNS.map((name, i) => [name, number(fields[FIRST_STEP_COLUMN + i])]),
    ) as unknown as StepMetrics
    const measured = (names: readonly string[], first: number) => {
      const found = names.flatMap((name, i): [string, number][] => {
        const value = number(fields[first + i])
        return Number.isNaN(value) ? [] : [[name, value]]
      })
      return found.length > 0 ? Object.fromEntries(found) : undefined
    }
    const evaluation = measured(EVALUATION_COLUMNS, FIRST_EVALUATION_COLUMN)
    const edge = measured(EDGE_COLUMNS, NARROW)
    lines.push({ row, ...(evaluation && { evaluation }), ...(edge && { edge }) })
  }
  return lines
}

/** An evaluation as it was made. @param numTest images of the whole test split */
export function evaluationOf(
  { row, evaluation }: MetricsLine,
  { stepsPerEpoch, numTest }: { stepsPerEpoch: number; numTest: number },
): EvalMetrics | undefined {
  const { testLoss, testErrorRate, testCount, ...others } = evaluation ?? {}
  if (testLoss === undefined || testErrorRate === undefined || testCount === undefined) return undefined
  const { step, seconds, gradientEvaluations } = row
  return {
    step,
    epoch: step / stepsPerEpoch,
    seconds,
    gradientEvaluations,
    testLoss,
    testErrorRate,
    testCount,
    testIsWhole: testCount === numTest,
    ...others,
  }
}

/** λ₁ and its edges as they were met. */
export function edgeOf({ row, edge }: MetricsLine, stepsPerEpoch: number): EdgeMetrics | undefined {
  const { topEigenvalue, topEigenvalueResidual, edgeGradientNorm, edgeSeconds, ...others } = edge ?? {}
  if (topEigenvalue === undefined || topEigenvalueResidual === undefined) return undefined
  if (edgeGradientNorm === undefined || edgeSeconds === undefined) return undefined
  const { step, seconds, gradientEvaluations } = row
  const found = { topEigenvalue, topEigenvalueResidual, edgeGradientNorm, edgeSeconds }
  return { step, epoch: step / stepsPerEpoch, seconds, gradientEvaluations, ...found, ...others }
}

const number = (text: string | undefined) => (text === undefined || text === '' ? Number.NaN : Number(text))
