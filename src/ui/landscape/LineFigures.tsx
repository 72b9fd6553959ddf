/** Slices along a line: the loss of each run, its rise over the centre, the error, and the way from one to the other. */
import type { Slice1D } from '../../worker/protocol'
import { type ChartLine, runLine } from '../charts/chartLines'
import { Figure, type FigureTable } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import type { Row } from '../charts/rows'
import { SmallButton } from '../charts/SmallButton'
import { saveText } from '../files/save'
import { interpolationCsv, linesCsv } from '../files/tables'
import { formatNumber, formatPercent } from '../format'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { useLab } from '../store/labStore'

const HEIGHT = 210

/** Index of a = 0: the points are symmetric about it. */
const centreIndex = ({ at }: Slice1D): number => (at.length - 1) >> 1
const TABLE_ROWS = 11

export type LineQuantity = 'loss' | 'rise' | 'error'

const QUANTITY: Record<
  LineQuantity,
  { title: string; subtitle: string; unit: 'number' | 'percent'; values: (slice: Slice1D) => Float64Array }
> = {
  loss: {
    title: '1-D slice: loss',
    subtitle: 'L(θ + a·d), filter-normalised, same d',
    unit: 'number',
    values: (slice) => slice.loss,
  },
  rise: {
    title: '1-D slice: rise over the centre',
    subtitle: 'L(θ + a·d) − L(θ)',
    unit: 'number',
    values: (slice) => {
      const centre = slice.loss[centreIndex(slice)]
      return slice.loss.map((value) => value - centre)
    },
  },
  error: {
    title: '1-D slice: training error',
    subtitle: 'on the labels trained on',
    unit: 'percent',
    values: (slice) => slice.error,
  },
}

export function LineFigure({ quantity }: { quantity: LineQuantity }) {
  const runs = useLab(shownRuns)
  const lines = useLab((lab) => lab.lines)
  const chosenRange = useLab((lab) => lab.sliceSettings.range)
  const { title, subtitle, unit, values } = QUANTITY[quantity]
  const slices = runs.flatMap(({ key }) => lines[key] ?? [])
  const format = unit === 'percent' ? formatPercent : formatNumber
  const range = slices[0] ? slices[0].at[slices[0].at.length - 1] : chosenRange
  const columns = runs.flatMap((run) => {
    const slice = lines[run.key]
    return slice ? [{ run, slice, y: values(slice) }] : []
  })
  const centres = columns.map(({ run, slice, y }) => `${run.label} ${format(y[centreIndex(slice)])}`)
  return (
    <Figure
      title={title}
      subtitle={subtitle}
      description={
        slices.length > 0 ? `${title}. At the centre: ${centres.join(', ')}.` : 'Not computed yet.'
      }
      table={() =>
        tableOf(
          'a',
          columns.map(({ run, slice, y }) => ({ name: run.label, at: slice.at, y })),
          format,
        )
      }
      height={HEIGHT}
      empty={slices.length === 0}
      actions={
        quantity === 'loss' && (
          <SmallButton
            disabled={slices.length === 0}
            onClick={() => saveText('basin_1d_slice.csv', linesCsv(slices))}
          >
            CSV
          </SmallButton>
        )
      }
    >
      {slices.length === 0 ? (
        <Empty />
      ) : (
        <LazyLineChart
          rows={rowsOf(columns.map(({ run, slice, y }) => ({ key: run.key, at: slice.at, y })))}
          lines={columns.map(({ run }) => runLine(run))}
          xDomain={[-range, range]}
          xTicks={[-range, -range / 2, 0, range / 2, range]}
          xLabel="a"
          unit={unit}
          log={false}
          fromZero
          height={HEIGHT}
        />
      )}
    </Figure>
  )
}

const pathLine = (from: string, to: string): ChartLine => ({
  key: 'path',
  className: 'curve-path',
  label: `${from} to ${to}`,
  color: 'var(--run-path)',
})

/** The runs at the ends of the line. */
export const endsOf = (runs: readonly ShownRun[]): [ShownRun, ShownRun] => [runs[0], runs[runs.length - 1]]

export function InterpolationFigure({ quantity }: { quantity: 'loss' | 'error' }) {
  const slice = useLab((lab) => lab.interpolation)
  const [from, to] = endsOf(useLab(shownRuns)).map(({ label }) => label)
  const unit = quantity === 'loss' ? 'number' : 'percent'
  const title = quantity === 'loss' ? 'Interpolation: loss' : 'Interpolation: training error'
  const format = unit === 'percent' ? formatPercent : formatNumber
  return (
    <Figure
      title={title}
      subtitle={from === to ? undefined : `t = 0 is ${from}, t = 1 is ${to}`}
      description={slice ? `${title} along the straight line from ${from} to ${to}.` : 'Not computed yet.'}
      table={() => tableOf('t', slice ? [{ name: quantity, at: slice.at, y: slice[quantity] }] : [], format)}
      height={HEIGHT}
      empty={!slice}
      actions={
        quantity === 'loss' && (
          <SmallButton
            disabled={!slice}
            onClick={() => slice && saveText('basin_interpolation.csv', interpolationCsv(slice))}
          >
            CSV
          </SmallButton>
        )
      }
    >
      {slice ? (
        <LazyLineChart
          rows={rowsOf([{ key: 'path', at: slice.at, y: slice[quantity] }])}
          lines={[pathLine(from, to)]}
          xDomain={[-0.5, 1.5]}
          xTicks={[-0.5, 0, 0.5, 1, 1.5]}
          xLabel="t"
          unit={unit}
          log={false}
          fromZero
          height={HEIGHT}
        />
      ) : (
        <Empty />
      )}
    </Figure>
  )
}

function Empty() {
  return (
    <div className="empty" style={{ height: HEIGHT }}>
      Not computed yet.
    </div>
  )
}

interface Column {
  at: Float64Array
  y: Float64Array
}

function rowsOf(columns: readonly (Column & { key: string })[]): Row[] {
  return Array.from(columns[0].at, (x, i) => {
    const row: Row = { x }
    for (const { key, y } of columns) if (Number.isFinite(y[i])) row[key] = y[i]
    return row
  })
}

function tableOf(
  axis: string,
  columns: readonly (Column & { name: string })[],
  format: (value: number) => string,
): FigureTable {
  const length = columns[0]?.at.length ?? 0
  const count = Math.min(TABLE_ROWS, length)
  const rows = Array.from({ length: count }, (_, k) => {
    const i = Math.round((k * (length - 1)) / Math.max(count - 1, 1))
    return [columns[0].at[i].toFixed(2), ...columns.map(({ y }) => format(y[i]))]
  })
  return { header: [axis, ...columns.map(({ name }) => name)], rows }
}
