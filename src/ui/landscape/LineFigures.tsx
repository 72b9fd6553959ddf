/** Slices along a line through each run: loss, its rise over the centre, error. */
import type { ValuesOf } from '../../worker/protocol'
import { runLine } from '../charts/chartLines'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatNumber, formatPercent } from '../format'
import { Panel } from '../panels/Panel'
import { shownRuns } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { CsvButton } from './CsvButton'
import { NotComputed, rowsOf, SLICE_HEIGHT, sliceTable } from './sliceChart'

type LineValues = ValuesOf<'line'>

/** Index of a = 0: the points are symmetric about it. */
const centreIndex = ({ a }: LineValues): number => (a.length - 1) >> 1

export type LineQuantity = 'loss' | 'rise' | 'error'

const QUANTITY: Record<
  LineQuantity,
  { title: string; subtitle: string; unit: 'number' | 'percent'; values: (slice: LineValues) => Float64Array }
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
  const runs = useLab(shownRuns)
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
  const range = curves[0]?.at.at(-1) ?? 1
  const centres = found.map(
    ({ run, values: slice }, i) => `${run.label} ${format(curves[i].y[centreIndex(slice)])}`,
  )
  return (
    <Figure
      title={title}
      subtitle={subtitle}
      description={found.length > 0 ? `${title}. At the centre: ${centres.join(', ')}.` : 'Not computed yet.'}
      table={() => sliceTable('a', curves, format)}
      height={SLICE_HEIGHT}
      empty={found.length === 0}
      actions={quantity === 'loss' && <CsvButton id="line" />}
    >
      {found.length === 0 ? (
        <NotComputed height={SLICE_HEIGHT} />
      ) : (
        <LazyLineChart
          rows={rowsOf(curves)}
          lines={found.map(({ run }) => runLine(run))}
          xDomain={[-range, range]}
          xTicks={[-range, -range / 2, 0, range / 2, range]}
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
