/** One live curve of both runs. */
import { useMemo } from 'react'
import type { RunId, SessionInfo } from '../../worker/protocol'
import { formatCount, formatNumber, formatPercent, RUN_LABEL } from '../format'
import { histories } from '../store/history'
import { type Axis, EVALUATIONS_PER_STEP, type LabStore, shownRuns } from '../store/labStore'
import type { Curve } from './curves'
import { Figure, type FigureTable } from './Figure'
import { LazyLineChart, rawLine, runLine } from './LazyLineChart'
import { evaluationPositions, type Series, stepPositions, toRows } from './rows'
import { smooth } from './smooth'
import { useLabInTurn } from './useInTurn'

const HEIGHT = 190
const TABLE_ROWS = 12

const AXES: Record<Axis, string> = {
  step: 'steps',
  epoch: 'epochs',
  gradientEvaluations: 'gradient evaluations',
  seconds: 'seconds',
}

export function CurveFigure({ curve }: { curve: Curve }) {
  const lab = useLabInTurn()
  const { axis, logY, session, evaluations, historyVersion } = lab
  const runs = shownRuns(lab)
  const smoothing = curve.steps ? lab.smoothing : 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: historyVersion stands for the arrays' content
  const series = useMemo(
    () => (session ? session.runs.map(({ id }) => seriesOf(curve, id, axis, lab)) : []),
    [curve, session, axis, evaluations, historyVersion],
  )
  const rows = useMemo(() => toRows(series, smoothing, logY), [series, smoothing, logY])
  const format = curve.unit === 'percent' ? formatPercent : formatNumber
  const numbers = runs.map((run) => ({
    run,
    text: format(
      newest(
        series.find((one) => one.run === run),
        smoothing,
      ),
    ),
  }))
  const lines = [
    ...(smoothing > 0 ? runs.map(rawLine) : []),
    ...runs.map((run) => runLine(run, curve.evaluations !== undefined)),
  ]
  const now = numbers.map(({ run, text }) => `${RUN_LABEL[run]} ${text}`).join(', ')
  return (
    <Figure
      title={curve.title}
      subtitle={curve.subtitle(session, evaluations[runs[0]])}
      numbers={numbers}
      description={`${curve.title} over ${AXES[axis]}. Now: ${now}.`}
      table={() =>
        tableOf(
          runs.map((run) => seriesOf(curve, run, 'step', lab)),
          smoothing,
          format,
        )
      }
      height={HEIGHT}
      empty={rows.length === 0}
    >
      <LazyLineChart
        rows={rows}
        lines={lines}
        xDomain={[0, axisEnd(axis, session, lab)]}
        xLabel={AXES[axis]}
        unit={curve.unit}
        log={logY}
        fromZero={curve.key !== 'paramNorm'}
        height={HEIGHT}
      />
    </Figure>
  )
}

function seriesOf(curve: Curve, run: RunId, axis: Axis, lab: LabStore): Series {
  if (curve.steps) {
    const history = histories[run]
    return {
      run,
      x: stepPositions(history, axis, lab.session?.stepsPerEpoch ?? 1),
      y: curve.steps(history),
    }
  }
  const list = lab.evaluations[run]
  return {
    run,
    x: evaluationPositions(list, axis),
    y: list.map((metrics) => curve.evaluations?.(metrics) ?? Number.NaN),
  }
}

/** The newest measured value, smoothed as drawn. */
function newest(series: Series | undefined, smoothing: number): number | undefined {
  if (!series) return undefined
  const values = smooth(series.y, smoothing)
  for (let i = values.length - 1; i >= 0; i--) if (Number.isFinite(values[i])) return values[i]
  return undefined
}

/** The axis is as long as the whole run from the start, so that curves grow into it and nothing rescales. */
function axisEnd(axis: Axis, session: SessionInfo | undefined, lab: LabStore): number | undefined {
  const total = session?.totalSteps ?? 100
  if (axis === 'step') return total
  if (axis === 'epoch') return session ? session.totalSteps / session.stepsPerEpoch : lab.config.num_epochs
  if (axis === 'gradientEvaluations')
    return total * Math.max(...shownRuns(lab).map((run) => EVALUATIONS_PER_STEP[run]))
  return session ? undefined : 60
}

function tableOf(
  series: readonly Series[],
  smoothing: number,
  format: (value: number | undefined) => string,
): FigureTable {
  const header = ['step', ...series.map(({ run }) => RUN_LABEL[run])]
  const smoothed = series.map(({ y }) => smooth(y, smoothing))
  const length = Math.max(0, ...series.map(({ y }) => y.length))
  const count = Math.min(TABLE_ROWS, length)
  const rows = Array.from({ length: count }, (_, k) => {
    const i = count === 1 ? 0 : Math.round((k * (length - 1)) / (count - 1))
    const at = series[0].x[i]
    return [formatCount(at), ...smoothed.map((values) => format(lastMeasured(values, i)))]
  })
  return { header, rows }
}

function lastMeasured(values: ArrayLike<number>, index: number): number | undefined {
  for (let i = Math.min(index, values.length - 1); i >= 0; i--)
    if (Number.isFinite(values[i])) return values[i]
  return undefined
}
