/** A curve of low loss between two runs, beside the straight line. */
import type { ValuesOf } from '../../worker/protocol'
import type { ChartLine } from '../charts/chartLines'
import { formatNumber } from '../format'
import { useLab } from '../store/labStore'
import { useNewest } from './found'
import { landscapeRuns } from './landscapeRuns'
import { MeasureSection } from './MeasureSection'
import { SliceFigure } from './SliceFigure'

export function CurveSection() {
  return (
    <MeasureSection title="A curve of low loss between two runs" name="The curve">
      <div className="charts">
        <CurveFigure quantity="loss" />
        <CurveFigure quantity="error" />
      </div>
    </MeasureSection>
  )
}

const LINES: ChartLine[] = [
  { key: 'curve', className: 'curve-path', label: 'curve', color: 'var(--run-path)' },
  {
    key: 'line',
    className: 'curve-straight',
    label: 'straight line',
    color: 'var(--mantine-color-dimmed)',
    dash: '5 4',
  },
]

function CurveFigure({ quantity }: { quantity: 'loss' | 'error' }) {
  const finding = useNewest('curve')
  const runs = useLab(landscapeRuns)
  const values = finding?.values
  const label = (key: string | undefined) => runs.find((run) => run.key === key)?.label ?? key
  const [from, to] = [label(finding?.runs[0]), label(finding?.runs[1])]
  const title = quantity === 'loss' ? 'Curve: loss' : 'Curve: training error'
  const curves = values
    ? [
        { key: 'curve', name: 'curve', at: values.t, y: values[quantity] },
        {
          key: 'line',
          name: 'straight line',
          at: values.t,
          y: quantity === 'loss' ? values.line_loss : values.line_error,
        },
      ]
    : []
  return (
    <SliceFigure
      id="curve"
      title={title}
      subtitle={values && (quantity === 'loss' ? subtitleOf(values, from, to) : `from ${from} to ${to}`)}
      description={`${title} from ${from} to ${to}, on a curve and on the straight line.`}
      axis="t"
      curves={curves}
      lines={LINES}
      legend={LINES}
      xDomain={[0, 1]}
      xTicks={[0, 0.25, 0.5, 0.75, 1]}
      unit={quantity === 'loss' ? 'number' : 'percent'}
    />
  )
}

function subtitleOf(
  { barrier, line_barrier }: ValuesOf<'curve'>,
  from: string | undefined,
  to: string | undefined,
): string {
  const ends = `from ${from} to ${to}`
  if (barrier === undefined) return ends
  return `${ends} · barrier: curve ${formatNumber(barrier)}, straight line ${formatNumber(line_barrier)}`
}
