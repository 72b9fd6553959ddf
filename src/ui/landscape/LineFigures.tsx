/** Slices along a line through each run: loss, its rise over the centre, error. */
import type { ValuesOf } from '../../worker/protocol'
import { ticksWithin } from '../charts/axisTicks'
import { runLine } from '../charts/chartLines'
import { formatNumber, formatPercent } from '../format'
import { useFound } from './found'
import { MeasureSection } from './MeasureSection'
import { SliceFigure } from './SliceFigure'
import { SLICE_HEIGHT } from './sliceChart'

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
    <MeasureSection title="Along one direction" name="The slices">
      <div className="charts">
        <LineFigure quantity="loss" />
        <LineFigure quantity="rise" />
        <LineFigure quantity="error" />
      </div>
    </MeasureSection>
  )
}

export function LineFigure({ quantity }: { quantity: LineQuantity }) {
  const found = useFound('line')
  const { title, subtitle, unit, values } = QUANTITY[quantity]
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
    <SliceFigure
      id="line"
      title={title}
      subtitle={quantity === 'loss' ? [subtitle, ...directionsOf(slices)].join(' · ') : subtitle}
      description={`${title}. At the centre: ${centres.join(', ')}.`}
      axis="a"
      curves={curves}
      lines={found.map(({ run }) => runLine(run))}
      legend={found.map(({ run }) => run)}
      xDomain={[from, to]}
      xTicks={ticksWithin(from, to)}
      unit={unit}
      emptyHeight={SLICE_HEIGHT}
    />
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
