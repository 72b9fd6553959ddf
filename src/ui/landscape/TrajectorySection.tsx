/** The ways of all runs on the plane in which they moved most, walked along with a slider. */
import { Slider } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { FindingOf } from '../../worker/protocol'
import { Figure, type FigureTable } from '../charts/Figure'
import { formatCount, formatNumber, formatPercent } from '../format'
import { Panel } from '../panels/Panel'
import { RunMark } from '../runs/RunMark'
import { type LabStore, useLab } from '../store/labStore'
import { displaySurface } from './displaySurface'
import { landscapeRuns } from './landscapeRuns'
import { useMeasureFiles } from './measureCsv'
import { NotComputed } from './sliceChart'
import { WayDrawing } from './WayDrawing'
import { behind, type DrawnWay, drawnWays, lastStep, stopsOf } from './ways'
import { ZoomButtons } from './ZoomButtons'
import { canCompute, zoomTo } from './zoom'

const HEIGHT = 420

/** The one computed last. */
const newest = ({ findings }: LabStore): FindingOf<'trajectory'> | undefined =>
  Object.values(findings.trajectory ?? {}).at(-1)

export function TrajectorySection() {
  return (
    <>
      <h2 className="between">The way there</h2>
      <Panel name="The trajectory">
        <TrajectoryFigure />
      </Panel>
    </>
  )
}

function TrajectoryFigure() {
  const runs = useLab(landscapeRuns)
  const values = useLab(newest)?.values
  const ready = useLab(canCompute)
  const [chosen, choose] = useState<number>()
  const ways = useMemo(() => (values ? drawnWays(runs, values) : []), [runs, values])
  const surface = useMemo(() => values && displaySurface(values), [values])
  const end = lastStep(ways)
  const step = Math.min(chosen ?? end, end)
  const few = values !== undefined && values.point.length <= 2 * ways.length
  return (
    <>
      {values && <StepSlider ways={ways} step={step} onChange={choose} />}
      <Figure
        title="Trajectory"
        subtitle={
          values
            ? 'both axes in the lengths of θ’s space; drag a rectangle to look more closely'
            : 'on the plane of its principal components'
        }
        description={ways.length > 0 ? describe(ways, step) : 'Not computed yet.'}
        table={() => tableOf(ways)}
        height={HEIGHT}
        empty={!values}
        files={useMeasureFiles('trajectory')}
        actions={
          <div className="figure-actions">
            <ZoomButtons id="trajectory" />
          </div>
        }
      >
        {values ? (
          <>
            <WayDrawing
              surface={surface}
              x={[values.x[0], values.x[values.x.length - 1]]}
              y={[values.y[0], values.y[values.y.length - 1]]}
              ways={ways}
              step={step}
              onZoom={ready ? (window) => zoomTo('trajectory', window) : undefined}
              titles={[axisTitle(1, values.share[0]), axisTitle(2, values.share[1])]}
            />
            {few && (
              <p className="figure-note">
                Between its ends nothing was kept: set “Keep the way every (epochs)” before training to see
                how it went.
              </p>
            )}
          </>
        ) : (
          <NotComputed height={HEIGHT} />
        )}
      </Figure>
    </>
  )
}

const axisTitle = (k: number, share: number) => `PC ${k}, ${formatPercent(share)} of the variance`

interface StepProps {
  ways: readonly DrawnWay[]
  step: number
}

function StepSlider({ ways, step, onChange }: StepProps & { onChange: (step: number) => void }) {
  const stops = useMemo(() => stopsOf(ways), [ways])
  const at = Math.max(
    0,
    stops.findLastIndex((stop) => stop <= step),
  )
  return (
    <div className="way-controls">
      <div className="way-slider">
        <span id="way-step">Step {formatCount(stops[at])}</span>
        <Slider
          thumbLabel="Step of the ways"
          aria-labelledby="way-step"
          value={at}
          onChange={(index) => onChange(stops[index])}
          min={0}
          max={Math.max(1, stops.length - 1)}
          step={1}
          label={null}
        />
      </div>
      <Readings ways={ways} step={step} />
    </div>
  )
}

/** Where each run is, and how far outside the picture. */
function Readings({ ways, step }: StepProps) {
  return (
    <div className="way-readings">
      {ways.map((way) => {
        const here = behind(way, step).at(-1)!
        return (
          <span key={way.run.key}>
            <RunMark run={way.run} /> {way.run.label}: loss {formatNumber(here.loss)},{' '}
            {formatNumber(here.outside)} outside the plane
          </span>
        )
      })}
    </div>
  )
}

function describe(ways: readonly DrawnWay[], step: number): string {
  const parts = ways.map((way) => {
    const here = behind(way, step).at(-1)!
    return `${way.run.label} at ${formatNumber(here.x)}, ${formatNumber(here.y)}, loss ${formatNumber(here.loss)}`
  })
  return `Ways of the runs until step ${step}: ${parts.join('; ')}.`
}

function tableOf(ways: readonly DrawnWay[]): FigureTable {
  const rows = ways.flatMap(({ run, stops }) =>
    stops.map(({ step, x, y, outside, loss, error }) => [
      `${run.label}, step ${step}`,
      ...[x, y, outside, loss].map(formatNumber),
      formatPercent(error),
    ]),
  )
  return { header: ['weights', 'PC 1', 'PC 2', 'outside', 'loss', 'error'], rows }
}
