/**
 * metrics.csv of a run: a line a step, evaluations on the line of their step. Numbers are written so that they read
 * back to the same bits.
 */
import { csvLine } from '../formats/csv'
import {
  EVALUATION_COLUMNS,
  type EvalMetrics,
  type RunKey,
  STEP_COLUMNS,
  type StepMetrics,
} from '../runs/metrics'

export const METRICS_HEADER = csvLine(['run', ...STEP_COLUMNS, ...EVALUATION_COLUMNS])
const FIRST_STEP_COLUMN = 1
const FIRST_EVALUATION_COLUMN = FIRST_STEP_COLUMN + STEP_COLUMNS.length
const WIDTH = FIRST_EVALUATION_COLUMN + EVALUATION_COLUMNS.length

/** What an evaluation says beside its step. */
export type EvaluationNumbers = Partial<Record<(typeof EVALUATION_COLUMNS)[number], number>>

export interface MetricsLine {
  row: StepMetrics
  evaluation?: EvaluationNumbers
}

export function metricsLine(run: RunKey, row: StepMetrics, evaluation?: EvalMetrics): string {
  return csvLine([
    run,
    ...STEP_COLUMNS.map((name) => row[name]),
    ...EVALUATION_COLUMNS.map((name) => evaluation?.[name]),
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
  for (const line of text.split('\n').slice(1)) {
    const fields = line.split(',')
    const step = number(fields[FIRST_STEP_COLUMN])
    if (fields.length !== WIDTH || !Number.isInteger(step) || step <= last || step > until) break
    last = step
    const row = Object.fromEntries(
      STEP_COLUMNS.map((name, i) => [name, number(fields[FIRST_STEP_COLUMN + i])]),
    ) as unknown as StepMetrics
    const measured = EVALUATION_COLUMNS.flatMap((name, i): [string, number][] => {
      const value = number(fields[FIRST_EVALUATION_COLUMN + i])
      return Number.isNaN(value) ? [] : [[name, value]]
    })
    lines.push(measured.length > 0 ? { row, evaluation: Object.fromEntries(measured) } : { row })
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

const number = (text: string | undefined) => (text === undefined || text === '' ? Number.NaN : Number(text))
