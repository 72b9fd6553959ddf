/** The ways of all runs on the plane in which they moved most: as they grow, then over the loss, walked with a slider. */
import { useThrottledValue } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import { Figure, type FigureTable } from '../charts/Figure'
import { formatNumber, formatPercent } from '../format'
import { useLab } from '../store/labStore'
import { displaySurface, REDRAW_MS } from './displaySurface'
import { useNewest } from './found'
import { axisTitle, GrowingFigure } from './GrowingFigure'
import { landscapeRuns } from './landscapeRuns'
import { MeasureSection } from './MeasureSection'
import { useMeasureFiles } from './measureCsv'
import { StepSlider } from './StepSlider'
import { ASKED_HEIGHT } from './sliceChart'
import { WayDrawing } from './WayDrawing'
import { behind, type DrawnWay, drawnWays, isGrowing, lastStep } from './ways'
import { ZoomButtons } from './ZoomButtons'
import { canCompute, zoomTo } from './zoom'

const HEIGHT = 280

export function TrajectorySection() {
  const measured = useNewest('trajectory')?.values
  const grows = useLab((lab) => isGrowing(lab, measured))
  return (
    <MeasureSection title="The way there" name="The trajectory">
      {grows ? <GrowingFigure height={HEIGHT} /> : <TrajectoryFigure />}
    </MeasureSection>
  )
}

function TrajectoryFigure() {
  const runs = useLab(landscapeRuns)
  const values = useThrottledValue(useNewest('trajectory'), REDRAW_MS)?.values
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
        height={values ? HEIGHT : ASKED_HEIGHT}
        empty={!values}
        files={useMeasureFiles('trajectory')}
        actions={<ZoomButtons id="trajectory" />}
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
            {few && <p className="figure-note">Between its ends nothing was kept. {HOW_TO_KEEP}</p>}
          </>
        ) : (
          <div className="empty" style={{ height: ASKED_HEIGHT }}>
            <NoWays />
          </div>
        )}
      </Figure>
    </>
  )
}

const HOW_TO_KEEP =
  'Set “Keep the way every (epochs)” before training, and the ways are drawn here while the runs train.'

function NoWays() {
  const keeps = useLab(({ session, config }) =>
    (session?.runs.map((run) => run.config) ?? [config]).some((own) => own.trajectory_every > 0),
  )
  const comes = useLab(({ state }) => state === 'idle' || state === 'loading' || state === 'training')
  if (!keeps) return `Not computed yet. ${HOW_TO_KEEP}`
  return comes ? 'The ways are drawn here while the runs train.' : 'Not computed yet.'
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
