/** One live curve of both runs. */
import { useMemo } from 'react'
import type { RunId, SessionInfo } from '../../worker/protocol'
import { formatCount, formatNumber, formatPercent, RUN_LABEL } from '../format'
import { histories } from '../store/history'
import { type Axis, EVALUATIONS_PER_STEP, type LabStore, shownRuns } from '../store/labStore'
import { rawLine, runLine } from './chartLines'
import type { Curve } from './curves'
import { Figure, type FigureTable } from './Figure'
import { LazyLineChart } from './LazyLineChart'
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
  // Stands for the arrays' content.
  const version = curve.steps ? historyVersion : evaluations
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is new content
  const series = useMemo(
    () => (session ? session.runs.map(({ id }) => seriesOf(curve, id, axis, smoothing, lab)) : []),
    [curve, session, axis, smoothing, version],
  )
  const rows = useMemo(() => toRows(series, logY), [series, logY])
  const format = curve.unit === 'percent' ? formatPercent : formatNumber
  const numbers = runs.map((run) => ({ run, text: format(newest(series.find((one) => one.run === run))) }))
  const shown = runs.join()
  const lines = useMemo(() => {
    const drawn = shown.split(',') as RunId[]
    const strong = drawn.map((run) => runLine(run, !curve.steps))
    return smoothing > 0 ? [...drawn.map(rawLine), ...strong] : strong
  }, [shown, smoothing, curve])
  const now = numbers.map(({ run, text }) => `${RUN_LABEL[run]} ${text}`).join(', ')
  return (
    <Figure
      title={curve.title}
      subtitle={curve.subtitle(session, evaluations[runs[0]])}
      numbers={numbers}
      description={`${curve.title} over ${AXES[axis]}. Now: ${now}.`}
      table={() =>
        tableOf(
          runs.map((run) => seriesOf(curve, run, 'step', smoothing, lab)),
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

function seriesOf(curve: Curve, run: RunId, axis: Axis, smoothing: number, lab: LabStore): Series {
  if (curve.steps) {
    const history = histories[run]
    const y = curve.steps(history)
    return {
      run,
      x: stepPositions(history, axis, lab.session?.stepsPerEpoch ?? 1),
      y,
      smoothed: smoothing > 0 ? smooth(y, smoothing) : undefined,
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
function newest(series: Series | undefined): number | undefined {
  if (!series) return undefined
  const values = series.smoothed ?? series.y
  return lastMeasured(values, values.length - 1)
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

function tableOf(series: readonly Series[], format: (value: number | undefined) => string): FigureTable {
  const header = ['step', ...series.map(({ run }) => RUN_LABEL[run])]
  const drawn = series.map(({ y, smoothed }) => smoothed ?? y)
  const length = Math.max(0, ...series.map(({ y }) => y.length))
  const count = Math.min(TABLE_ROWS, length)
  const rows = Array.from({ length: count }, (_, k) => {
    const i = count === 1 ? 0 : Math.round((k * (length - 1)) / (count - 1))
    const at = series[0].x[i]
    return [formatCount(at), ...drawn.map((values) => format(lastMeasured(values, i)))]
  })
  return { header, rows }
}

function lastMeasured(values: ArrayLike<number>, index: number): number | undefined {
  for (let i = Math.min(index, values.length - 1); i >= 0; i--)
    if (Number.isFinite(values[i])) return values[i]
  return undefined
}
