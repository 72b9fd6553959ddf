/** The straight line from one run to another: loss and error on the way. */
import { useMemo } from 'react'
import type { ChartLine } from '../charts/chartLines'
import { useLab } from '../store/labStore'
import { useNewest } from './found'
import { landscapeRuns } from './landscapeRuns'
import { MeasureSection } from './MeasureSection'
import { SliceFigure } from './SliceFigure'

/** Labels of its two ends: of the runs computed last, before that of those it would be between, if there are two. */
function useEnds(): [from: string, to: string] | undefined {
  const runs = useLab(landscapeRuns)
  const finding = useNewest('interpolation')
  const ends = finding
    ? finding.runs.map((key) => runs.find((run) => run.key === key))
    : [runs[0], runs.at(-1)]
  const [from, to] = ends
  return from && to && from !== to ? [from.label, to.label] : undefined
}

export function InterpolationSection() {
  const ends = useEnds()
  return (
    <MeasureSection
      title={`On the straight line ${ends ? `from ${ends[0]} to ${ends[1]}` : 'between two runs'}`}
      name="The interpolation"
    >
      <div className="charts">
        <InterpolationFigure quantity="loss" />
        <InterpolationFigure quantity="error" />
      </div>
    </MeasureSection>
  )
}

function InterpolationFigure({ quantity }: { quantity: 'loss' | 'error' }) {
  const values = useNewest('interpolation')?.values
  const ends = useEnds()
  const title = quantity === 'loss' ? 'Interpolation: loss' : 'Interpolation: training error'
  const way = ends?.join(' to ') ?? 'the way'
  const path: ChartLine = { key: 'path', className: 'curve-path', label: way, color: 'var(--run-path)' }
  const curves = values ? [{ key: 'path', name: quantity, at: values.t, y: values[quantity] }] : []
  const marks = useMemo(() => ends?.map((label, x) => ({ x, label })), [ends?.[0], ends?.[1]])
  return (
    <SliceFigure
      id="interpolation"
      title={title}
      subtitle={ends && `t = 0 is ${ends[0]}, t = 1 is ${ends[1]}`}
      description={`${title} along the straight line from ${way}.`}
      axis="t"
      curves={curves}
      lines={[path]}
      xDomain={[-0.5, 1.5]}
      xTicks={[-0.5, 0, 0.5, 1, 1.5]}
      unit={quantity === 'loss' ? 'number' : 'percent'}
      marks={marks}
    />
  )
}
