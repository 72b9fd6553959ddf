/** A curve of low loss between two runs, beside the straight line. */
import type { FindingOf } from '../../worker/protocol'
import type { ChartLine } from '../charts/chartLines'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatNumber, formatPercent } from '../format'
import { Panel } from '../panels/Panel'
import { type LabStore, useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'
import { useMeasureFiles } from './measureCsv'
import { ASKED_HEIGHT, NotComputed, rowsOf, SLICE_HEIGHT, sliceTable } from './sliceChart'

const newest = ({ findings }: LabStore): FindingOf<'curve'> | undefined =>
  Object.values(findings.curve ?? {}).at(-1)

export function CurveSection() {
  return (
    <>
      <h2 className="between">A curve of low loss between two runs</h2>
      <Panel name="The curve">
        <div className="charts">
          <CurveFigure quantity="loss" />
          <CurveFigure quantity="error" />
        </div>
      </Panel>
    </>
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
  const finding = useLab(newest)
  const runs = useLab(landscapeRuns)
  const values = finding?.values
  const label = (key: string | undefined) => runs.find((run) => run.key === key)?.label ?? key
  const [from, to] = [label(finding?.runs[0]), label(finding?.runs[1])]
  const unit = quantity === 'loss' ? 'number' : 'percent'
  const format = unit === 'percent' ? formatPercent : formatNumber
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
    <Figure
      title={title}
      subtitle={values && (quantity === 'loss' ? subtitleOf(values, from, to) : `from ${from} to ${to}`)}
      description={
        values ? `${title} from ${from} to ${to}, on a curve and on the straight line.` : 'Not computed yet.'
      }
      table={() => sliceTable('t', curves, format)}
      height={values ? SLICE_HEIGHT : ASKED_HEIGHT}
      empty={!values}
      files={useMeasureFiles('curve')}
      legend={LINES}
    >
      {values ? (
        <LazyLineChart
          rows={rowsOf(curves)}
          lines={LINES}
          xDomain={[0, 1]}
          xTicks={[0, 0.25, 0.5, 0.75, 1]}
          xLabel="t"
          unit={unit}
          log={false}
          fromZero
          height={SLICE_HEIGHT}
        />
      ) : (
        <NotComputed height={ASKED_HEIGHT} />
      )}
    </Figure>
  )
}

function subtitleOf(
  { barrier, line_barrier }: FindingOf<'curve'>['values'],
  from: string | undefined,
  to: string | undefined,
): string {
  const ends = `from ${from} to ${to}`
  if (barrier === undefined) return ends
  return `${ends} · barrier: curve ${formatNumber(barrier)}, straight line ${formatNumber(line_barrier)}`
}
