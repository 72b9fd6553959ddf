/** One live curve of all runs. */
import { useMemo } from 'react'
import { gradientsOf } from '../../core/runs/runSpec'
import { formatCount, formatNumber, formatPercent } from '../format'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { historyOf } from '../store/history'
import { evaluationsOf, type LabStore, useLab } from '../store/labStore'
import { AXES, type Axis } from './axes'
import { rawLine, runLine } from './chartLines'
import type { Curve } from './curves'
import { Figure, type FigureTable } from './Figure'
import { LazyLineChart } from './LazyLineChart'
import { evaluationPositions, type Series, stepPositions, toRows } from './rows'
import { smooth } from './smooth'
import { useLabInTurn } from './useInTurn'

const HEIGHT = 190
const TABLE_ROWS = 12
/** Steps on an axis before anything is known of them. */
const SOME_STEPS = 100

export function CurveFigure({ curve }: { curve: Curve }) {
  const lab = useLabInTurn()
  const { axis, logY, session, evaluations, historyVersion, zoom } = lab
  const runs = shownRuns(lab)
  const smoothing = curve.steps ? lab.smoothing : 0
  // Stands for the arrays' content.
  const version = curve.steps ? historyVersion : evaluations
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is new content
  const series = useMemo(
    () => (session ? runs.map((run) => seriesOf(curve, run, axis, smoothing, lab)) : []),
    [curve, session, runs, axis, smoothing, version],
  )
  const rows = useMemo(() => toRows(series, logY), [series, logY])
  const format = curve.unit === 'percent' ? formatPercent : formatNumber
  const numbers = runs.map((run, i) => ({ run, text: format(newest(series[i])) }))
  const lines = useMemo(() => {
    const strong = runs.map((run) => runLine(run, !curve.steps))
    return smoothing > 0 ? [...runs.map(rawLine), ...strong] : strong
  }, [runs, smoothing, curve])
  const now = numbers.map(({ run, text }) => `${run.label} ${text}`).join(', ')
  return (
    <Figure
      title={curve.title}
      subtitle={curve.subtitle(session, evaluationsOf(lab, runs[0].key))}
      numbers={numbers}
      description={`${curve.title} over ${AXES[axis]}. Now: ${now}.`}
      table={() =>
        tableOf(
          runs,
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
        xDomain={zoom ?? [0, axisEnd(axis, runs)]}
        onZoom={(stretch) => useLab.setState({ zoom: stretch })}
        xLabel={AXES[axis]}
        unit={curve.unit}
        log={logY}
        fromZero={curve.key !== 'paramNorm'}
        height={HEIGHT}
      />
    </Figure>
  )
}

function seriesOf(curve: Curve, run: ShownRun, axis: Axis, smoothing: number, lab: LabStore): Series {
  const { key, info } = run
  if (curve.steps) {
    const history = historyOf(key)
    const y = curve.steps(history)
    return {
      run: key,
      x: stepPositions(history, axis, info?.stepsPerEpoch ?? 1),
      y,
      smoothed: smoothing > 0 ? smooth(y, smoothing) : undefined,
    }
  }
  const list = evaluationsOf(lab, key)
  return {
    run: key,
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

/** The axis is as long as the longest run from the start, so that curves grow into it and nothing rescales. */
function axisEnd(axis: Axis, runs: readonly ShownRun[]): number | undefined {
  if (axis === 'seconds') return runs.some(({ info }) => info) ? undefined : 60
  return Math.max(...runs.map((run) => endOf(axis, run)))
}

function endOf(axis: Exclude<Axis, 'seconds'>, run: ShownRun): number {
  const { info, config } = run
  if (axis === 'step') return info?.totalSteps ?? SOME_STEPS
  if (axis === 'epoch') return info ? info.totalSteps / info.stepsPerEpoch : config.num_epochs
  return info?.totalGradients ?? gradientsOf(run, SOME_STEPS)
}

/** What each series last said at steps spread evenly over the longest. */
function tableOf(
  runs: readonly ShownRun[],
  series: readonly Series[],
  format: (value: number | undefined) => string,
): FigureTable {
  const header = ['step', ...runs.map(({ label }) => label)]
  const { x } = series.reduce((longest, one) => (one.x.length > longest.x.length ? one : longest))
  const count = Math.min(TABLE_ROWS, x.length)
  const rows = Array.from({ length: count }, (_, k) => {
    const at = x[count === 1 ? 0 : Math.round((k * (x.length - 1)) / (count - 1))]
    return [formatCount(at), ...series.map((one) => format(valueAt(one, at)))]
  })
  return { header, rows }
}

/** The last value measured at this step or before; undefined once the series has ended. */
function valueAt({ x, y, smoothed }: Series, step: number): number | undefined {
  if (x.length === 0 || x[x.length - 1] < step) return undefined
  let index = x.length - 1
  while (index >= 0 && x[index] > step) index--
  return lastMeasured(smoothed ?? y, index)
}

function lastMeasured(values: ArrayLike<number>, index: number): number | undefined {
  for (let i = Math.min(index, values.length - 1); i >= 0; i--)
    if (Number.isFinite(values[i])) return values[i]
  return undefined
}
