/** Slices along a line through each run: loss, its rise over the centre, error. */
import type { ValuesOf } from '../../worker/protocol'
import { axisTicks } from '../charts/axisTicks'
import { runLine } from '../charts/chartLines'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatNumber, formatPercent } from '../format'
import { Panel } from '../panels/Panel'
import { useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'
import { useMeasureFiles } from './measureCsv'
import { NotComputed, rowsOf, SLICE_HEIGHT, sliceTable } from './sliceChart'

type LineValues = ValuesOf<'line'>

/** Index of the point nearest to the run itself. */
const centreIndex = ({ a }: LineValues): number =>
  a.reduce((best, at, i) => (Math.abs(at) < Math.abs(a[best]) ? i : best), 0)

export type LineQuantity = 'loss' | 'rise' | 'error'

const QUANTITY: Record<
  LineQuantity,
  { title: string; subtitle: string; unit: 'number' | 'percent'; values: (slice: LineValues) => Float64Array }
> = {
  loss: {
    title: '1-D slice: loss',
    subtitle: 'L(θ + a·d)',
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

export function LineSection() {
  return (
    <>
      <h2 className="between">Along one direction</h2>
      <Panel name="The slices">
        <div className="charts">
          <LineFigure quantity="loss" />
          <LineFigure quantity="rise" />
          <LineFigure quantity="error" />
        </div>
      </Panel>
    </>
  )
}

export function LineFigure({ quantity }: { quantity: LineQuantity }) {
  const runs = useLab(landscapeRuns)
  const lines = useLab((lab) => lab.findings.line)
  const { title, subtitle, unit, values } = QUANTITY[quantity]
  const found = runs.flatMap((run) => (lines?.[run.key] ? [{ run, values: lines[run.key].values }] : []))
  const format = unit === 'percent' ? formatPercent : formatNumber
  const curves = found.map(({ run, values: slice }) => ({
    key: run.key,
    name: run.label,
    at: slice.a,
    y: values(slice),
  }))
  const slices = found.map(({ values: slice }) => slice)
  const [from, to] = extentOf(slices.map(({ a }) => a))
  const centres = found.map(
    ({ run, values: slice }, i) => `${run.label} ${format(curves[i].y[centreIndex(slice)])}`,
  )
  return (
    <Figure
      title={title}
      subtitle={quantity === 'loss' ? [subtitle, ...directionsOf(slices)].join(' · ') : subtitle}
      description={found.length > 0 ? `${title}. At the centre: ${centres.join(', ')}.` : 'Not computed yet.'}
      table={() => sliceTable('a', curves, format)}
      height={SLICE_HEIGHT}
      empty={found.length === 0}
      files={useMeasureFiles('line')}
      legend={found.map(({ run }) => run)}
    >
      {found.length === 0 ? (
        <NotComputed height={SLICE_HEIGHT} />
      ) : (
        <LazyLineChart
          rows={rowsOf(curves)}
          lines={found.map(({ run }) => runLine(run))}
          xDomain={[from, to]}
          xTicks={axisTicks(from, to).filter((tick) => tick >= from && tick <= to)}
          xLabel="a"
          unit={unit}
          log={false}
          fromZero
          height={SLICE_HEIGHT}
        />
      )}
    </Figure>
  )
}

/** From the smallest place to the largest. */
const extentOf = (axes: readonly Float64Array[]): [number, number] => [
  Math.min(...axes.map((at) => at[0])),
  Math.max(...axes.map((at) => at[at.length - 1])),
]

/** What d is, once where it is the same for all runs. */
function directionsOf(slices: readonly LineValues[]): string[] {
  const titles = [...new Set(slices.map(({ direction_title }) => direction_title?.[0] ?? ''))].filter(Boolean)
  if (titles.length === 0) return []
  const lengths = slices.map(({ direction_length }) => formatNumber(direction_length?.[0] ?? Number.NaN))
  return [`d: ${titles.join('; ')}; ‖d‖ ${lengths.join(', ')}`]
}
