/** The straight line from one run to another: loss and error on the way. */
import { useMemo } from 'react'
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

/** The one computed last. */
const newest = ({ findings }: LabStore): FindingOf<'interpolation'> | undefined =>
  Object.values(findings.interpolation ?? {}).at(-1)

/** Labels of its two ends: of the runs computed last, before that of those it would be between, if there are two. */
function useEnds(): [from: string, to: string] | undefined {
  const runs = useLab(landscapeRuns)
  const finding = useLab(newest)
  const ends = finding
    ? finding.runs.map((key) => runs.find((run) => run.key === key))
    : [runs[0], runs.at(-1)]
  const [from, to] = ends
  return from && to && from !== to ? [from.label, to.label] : undefined
}

export function InterpolationSection() {
  const ends = useEnds()
  return (
    <>
      <h2 className="between">
        On the straight line {ends ? `from ${ends[0]} to ${ends[1]}` : 'between two runs'}
      </h2>
      <Panel name="The interpolation">
        <div className="charts">
          <InterpolationFigure quantity="loss" />
          <InterpolationFigure quantity="error" />
        </div>
      </Panel>
    </>
  )
}

function InterpolationFigure({ quantity }: { quantity: 'loss' | 'error' }) {
  const values = useLab(newest)?.values
  const ends = useEnds()
  const unit = quantity === 'loss' ? 'number' : 'percent'
  const title = quantity === 'loss' ? 'Interpolation: loss' : 'Interpolation: training error'
  const format = unit === 'percent' ? formatPercent : formatNumber
  const way = ends?.join(' to ') ?? 'the way'
  const path: ChartLine = { key: 'path', className: 'curve-path', label: way, color: 'var(--run-path)' }
  const curves = values ? [{ key: 'path', name: quantity, at: values.t, y: values[quantity] }] : []
  const marks = useMemo(() => ends?.map((label, x) => ({ x, label })), [ends?.[0], ends?.[1]])
  return (
    <Figure
      title={title}
      subtitle={ends && `t = 0 is ${ends[0]}, t = 1 is ${ends[1]}`}
      description={values ? `${title} along the straight line from ${way}.` : 'Not computed yet.'}
      table={() => sliceTable('t', curves, format)}
      height={values ? SLICE_HEIGHT : ASKED_HEIGHT}
      empty={!values}
      files={useMeasureFiles('interpolation')}
    >
      {values ? (
        <LazyLineChart
          rows={rowsOf(curves)}
          lines={[path]}
          xDomain={[-0.5, 1.5]}
          xTicks={[-0.5, 0, 0.5, 1, 1.5]}
          xLabel="t"
          unit={unit}
          log={false}
          fromZero
          marks={marks}
          height={SLICE_HEIGHT}
        />
      ) : (
        <NotComputed height={ASKED_HEIGHT} />
      )}
    </Figure>
  )
}
