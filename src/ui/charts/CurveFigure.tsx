/** One live curve of all runs. */
import { useMemo } from 'react'
import { thinned } from '../../base/thinned'
import { encodeCsv } from '../../core/formats/csv'
import { gradientsOf } from '../../core/runs/runSpec'
import { formatAlike, formatCount, formatNumber, formatPercent } from '../format'
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

const HEIGHT = 220
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
  const last = runs.map((_, i) => newest(series[i]))
  const texts = curve.unit === 'percent' ? last.map(formatPercent) : formatAlike(last)
  const numbers = runs.map((run, i) => ({ run, text: texts[i] }))
  const lines = useMemo(() => {
    const strong = runs.map((run) => runLine(run, !curve.steps))
    return smoothing > 0 ? [...runs.map(rawLine), ...strong] : strong
  }, [runs, smoothing, curve])
  const files = useMemo(() => ({ csv: () => csvOf(curve) }), [curve])
  const now = numbers.map(({ run, text }) => `${run.label} ${text}`).join(', ')
  return (
    <Figure
      title={curve.title}
      subtitle={subtitleOf(curve, lab, smoothing > 0)}
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
      files={files}
    >
      {curve.none && rows.length === 0 && runs.some(({ key }) => historyOf(key).length > 0) && (
        <p className="no-curve">{curve.none}</p>
      )}
      <LazyLineChart
        rows={rows}
        lines={lines}
        xDomain={zoom ?? [0, axisEnd(axis, runs)]}
        onZoom={(stretch) => useLab.setState({ zoom: stretch })}
        xLabel={AXES[axis]}
        unit={curve.unit}
        log={logY}
        fromZero={curve.key !== 'paramNorm'}
        settled={curve.settles}
        height={HEIGHT}
      />
    </Figure>
  )
}

/** Compare's numbers are means of the last steps, the large ones here the end of the smoothed line. */
function subtitleOf(curve: Curve, lab: LabStore, smoothed: boolean): string {
  const { session } = lab
  const text = curve.subtitle(session, evaluationsOf(lab, shownRuns(lab)[0].key))
  return smoothed && session ? `${text}, smoothed` : text
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

/** Every value as it was measured, of all runs, over each axis that there is. */
function csvOf(curve: Curve): string {
  const lab = useLab.getState()
  const axes: readonly Axis[] = ['step', 'epoch', 'gradientEvaluations', 'seconds']
  function* rows() {
    for (const run of shownRuns(lab)) {
      const [{ x: steps, y }, ...others] = axes.map((axis) => seriesOf(curve, run, axis, 0, lab))
      for (let i = 0; i < y.length; i++) yield [run.key, steps[i], ...others.map(({ x }) => x[i]), y[i]]
    }
  }
  return encodeCsv(['run', ...axes, curve.key], rows())
}

/** The newest measured value, smoothed as drawn. */
function newest(series: Series | undefined): number | undefined {
  if (!series) return undefined
  const values = series.smoothed ?? series.y
  return lastMeasured(values, values.length - 1)
}

/** The axis is as long as the longest run from the start, so that curves grow into it and nothing rescales. */
export function axisEnd(axis: Axis, runs: readonly ShownRun[]): number | undefined {
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
  const rows = thinned(Array.from(x), TABLE_ROWS).map((at) => [
    formatCount(at),
    ...series.map((one) => format(valueAt(one, at))),
  ])
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
