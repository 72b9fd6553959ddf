/** The basins: surfaces or contours, always on one scale, with what is read at a place and the cuts through it. */
import { useThrottledValue } from '@mantine/hooks'
import { Suspense, useMemo } from 'react'
import { Figure, type FigureTable } from '../charts/Figure'
import { formatNumber, formatSetting } from '../format'
import { Panel } from '../panels/Panel'
import { retriedLazy } from '../panels/retriedLazy'
import { useLab } from '../store/labStore'
import { BasinControls, setBasins } from './BasinControls'
import { type DrawnBasin, drawnBasins, type PlanePoint } from './basin'
import { CutFigures, PointReading } from './CutFigures'
import { REDRAW_MS, sharedRange } from './displaySurface'
import { landscapeRuns } from './landscapeRuns'
import { ASKED_HEIGHT, NotComputed } from './sliceChart'
import { useBasinFiles } from './useBasinFiles'
import { ZoomButtons } from './ZoomButtons'
import { canCompute, zoomTo } from './zoom'

const BasinsView = retriedLazy(() => import('./BasinsView'))
const PlotlyView = retriedLazy(() => import('./plotly/PlotlyView'))
const HEIGHT = 540

const THETA: PlanePoint = { x: 0, y: 0 }

/** @param cuts whether the curves through the place that is read are shown below */
export function SurfaceSection({ cuts = false }: { cuts?: boolean }) {
  return (
    <Panel name="The basins">
      <SurfaceFigure cuts={cuts} />
    </Panel>
  )
}

export const SurfaceWithCuts = () => <SurfaceSection cuts />

function SurfaceFigure({ cuts }: { cuts: boolean }) {
  const runs = useLab(landscapeRuns)
  const surfaces = useThrottledValue(
    useLab((lab) => lab.findings.surface),
    REDRAW_MS,
  )
  const basins = useLab((lab) => lab.basins)
  // Files are of the page's own drawing, which is made again when this changes.
  const choice = useMemo(
    () => ({ ...basins, view: basins.view === 'contours' ? ('contours' as const) : ('surface' as const) }),
    [basins],
  )
  const drawn = useMemo(() => drawnBasins(runs, surfaces), [runs, surfaces])
  const ready = useLab(canCompute)
  const growing = useLab(({ job }) => job?.id === 'surface')
  const pointed = choice.pointed ?? THETA
  // Where a run's end has it computed, its place is kept free.
  const comes = useLab(({ session }) => session !== undefined) || !cuts
  const room = drawn.length > 0 || comes ? HEIGHT : ASKED_HEIGHT
  const caption = { title: 'The basins: loss on a plane through the weights', subtitle: subtitleOf(drawn[0]) }
  const { files, filming } = useBasinFiles(drawn, { choice, pointed: choice.pointed, caption })
  return (
    <>
      <Figure
        title="2-D slice: the basins"
        subtitle={caption.subtitle}
        description={drawn.length > 0 ? describe(drawn) : 'Not computed yet.'}
        table={() => tableOf(drawn)}
        height={room}
        empty={drawn.length === 0}
        files={files}
        actions={
          <>
            <ZoomButtons id="surface" />
            <BasinControls filming={filming} />
          </>
        }
      >
        {drawn.length === 0 ? (
          <NotComputed height={room} />
        ) : (
          <>
            <Suspense fallback={<div style={{ height: HEIGHT }} />}>
              {basins.view === 'webgl' ? (
                <PlotlyView drawn={drawn} choice={choice} />
              ) : (
                <BasinsView
                  drawn={drawn}
                  choice={choice}
                  pointed={choice.pointed}
                  growing={growing}
                  onPoint={(point) => setBasins({ pointed: point })}
                  onTurn={(camera) => setBasins({ camera })}
                  onZoom={ready ? (window) => zoomTo('surface', window) : undefined}
                />
              )}
            </Suspense>
            <PointReading drawn={drawn} pointed={pointed} />
          </>
        )}
      </Figure>
      {cuts && drawn.length > 0 && <CutFigures drawn={drawn} pointed={pointed} />}
    </>
  )
}

function subtitleOf(basin: DrawnBasin | undefined): string {
  const random = 'L(θ + x·d₁ + y·d₂), d₁ and d₂ random, scaled to the filters of each run'
  if (!basin) return random
  const { x, y } = basin.surface
  const plane = basin.random ? random : `L(θ + x·d₁ + y·d₂), the axes as they are named${angleText(basin)}`
  return `${plane}; ${x.length} × ${y.length} points, one scale for all, ${spanText(x, y)}`
}

function spanText(x: Float64Array, y: Float64Array): string {
  const span = (axis: Float64Array) =>
    [axis[0], axis[axis.length - 1]].map((end) => formatSetting(Number(end.toPrecision(3)))).join(' to ')
  return span(x) === span(y) ? `x and y from ${span(x)}` : `x from ${span(x)}, y from ${span(y)}`
}

/** Between the axes, where it is known. */
function angleText({ cosine }: DrawnBasin): string {
  if (cosine === undefined) return ''
  return `, ${((180 / Math.PI) * Math.acos(Math.min(Math.max(cosine, -1), 1))).toFixed(1)}° between them`
}

function describe(drawn: readonly DrawnBasin[]): string {
  const parts = drawn.map(({ run, surface }) => {
    const [low, high] = sharedRange([surface]).map(formatNumber)
    return `${run.label} from ${low} to ${high}`
  })
  return `Loss around the minima: ${parts.join('; ')}.`
}

/** The centre, the mean of the edge and the extremes say how deep and how wide. */
function tableOf(drawn: readonly DrawnBasin[]): FigureTable {
  const rows = drawn.map(({ run, surface }) => {
    const { z } = surface
    const n = z.length
    const edge = [...z[0], ...z[n - 1], ...z.slice(1, -1).flatMap((row) => [row[0], row[row.length - 1]])]
    const mean = edge.reduce((sum, value) => sum + value, 0) / edge.length
    const [low, high] = sharedRange([surface])
    const centre = z[n >> 1][z[0].length >> 1]
    return [run.label, ...[centre, mean, low, high].map(formatNumber)]
  })
  return { header: ['run', 'loss at the centre', 'mean loss on the edge', 'lowest', 'highest'], rows }
}
