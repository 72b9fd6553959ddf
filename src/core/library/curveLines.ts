/** Curves of a kept run by what they are of, for drawing: whole, nothing left out. */
import { EDGE_COLUMNS, EVALUATION_COLUMNS, STEP_COLUMNS, type StepMetrics } from '../runs/metrics'
import type { MetricsLine } from './metricsTable'

/** Where a curve's values stand, by axis; `step` ascending, the others where they are known. */
export interface CurveAxes {
  step: Float64Array
  epoch?: Float64Array
  gradientEvaluations?: Float64Array
  seconds?: Float64Array
}

export interface CurveLine {
  axes: CurveAxes
  /** NaN where nothing was measured. */
  y: Float64Array
}

/** By name: columns of metrics.csv, `gap`, and tags of TensorBoard that are none of these. */
export type CurveLines = Record<string, CurveLine>

const ON_AXES: readonly string[] = ['step', 'gradientEvaluations', 'seconds', 'testCount', 'edgeSeconds']

export function curveLines(lines: readonly MetricsLine[], stepsPerEpoch: number): CurveLines {
  const columns = <Name extends string>(
    names: readonly Name[],
    there: readonly MetricsLine[],
    value: (line: MetricsLine, name: Name) => number | undefined,
  ): [string, CurveLine][] => {
    const axes = axesOf(there, stepsPerEpoch)
    const column = (name: Name) => Float64Array.from(there, (line) => value(line, name) ?? Number.NaN)
    return names.map((name) => [name, { axes, y: column(name) }])
  }
  const evaluated = lines.filter(({ evaluation }) => evaluation)
  const watched = lines.filter(({ edge }) => edge)
  const found = [
    ...columns([...STEP_COLUMNS, 'gap'], lines, ({ row }, name) =>
      name === 'gap' ? row.perturbedLoss - row.loss : row[name],
    ),
    ...columns(EVALUATION_COLUMNS, evaluated, ({ evaluation }, name) => evaluation?.[name]),
    ...columns(EDGE_COLUMNS, watched, ({ edge }, name) => edge?.[name]),
  ]
  return Object.fromEntries(
    found.filter(([name, { y }]) => !ON_AXES.includes(name) && y.some(Number.isFinite)),
  )
}

function axesOf(lines: readonly MetricsLine[], stepsPerEpoch: number): CurveAxes {
  const column = (name: keyof StepMetrics) => Float64Array.from(lines, ({ row }) => row[name])
  const step = column('step')
  return {
    step,
    epoch: step.map((at) => at / stepsPerEpoch),
    gradientEvaluations: column('gradientEvaluations'),
    seconds: column('seconds'),
  }
}
