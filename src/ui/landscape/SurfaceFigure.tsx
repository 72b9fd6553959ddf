/** The basins: surfaces or contours, logarithmic or linear, always on one scale. */
import { SegmentedControl } from '@mantine/core'
import { Suspense, useCallback, useMemo, useRef } from 'react'
import { Figure, type FigureTable } from '../charts/Figure'
import { formatNumber, formatSetting } from '../format'
import { Panel } from '../panels/Panel'
import { retriedLazy } from '../panels/retriedLazy'
import { shownRuns } from '../runs/shownRuns'
import { type LabStore, useLab } from '../store/labStore'
import { ContourView } from './ContourView'
import { displaySurface, sharedRange } from './displaySurface'
import { useMeasureCsv } from './measureCsv'
import { NotComputed } from './sliceChart'
import type { DrawnSurface } from './surfacePlot'

const SurfaceView = retriedLazy(() => import('./SurfaceView'))
const HEIGHT = 400

type Basins = LabStore['basins']
const setBasins = (change: Partial<Basins>) =>
  useLab.setState(({ basins }) => ({ basins: { ...basins, ...change } }))

export function SurfaceSection() {
  return (
    <Panel name="The basins">
      <SurfaceFigure />
    </Panel>
  )
}

export function SurfaceFigure() {
  const runs = useLab(shownRuns)
  const surfaces = useLab((lab) => lab.findings.surface)
  const { view, scale } = useLab((lab) => lab.basins)
  const picture = useRef<() => Promise<Blob>>(undefined)
  const onReady = useCallback((make: () => Promise<Blob>) => {
    picture.current = make
  }, [])
  const drawn = useMemo<DrawnSurface[]>(
    () =>
      runs.flatMap((run) => {
        const surface = surfaces?.[run.key] && displaySurface(surfaces[run.key].values)
        return surface ? [{ run, surface }] : []
      }),
    [runs, surfaces],
  )
  const log = scale === 'log'
  const csv = useMeasureCsv('surface')
  const files = useMemo(() => ({ csv, png: async () => picture.current?.() as Promise<Blob> }), [csv])
  return (
    <Figure
      title="2-D slice: the basins"
      subtitle={subtitleOf(drawn[0]?.surface.x)}
      description={drawn.length > 0 ? describe(drawn) : 'Not computed yet.'}
      table={() => tableOf(drawn)}
      height={HEIGHT}
      empty={drawn.length === 0}
      files={files}
      actions={
        <div className="figure-actions">
          <SegmentedControl
            size="xs"
            aria-label="View"
            value={view}
            onChange={(value) => setBasins({ view: value as Basins['view'] })}
            data={[
              { value: 'surface', label: 'Surface' },
              { value: 'contours', label: 'Contours' },
            ]}
          />
          <SegmentedControl
            size="xs"
            aria-label="Scale of the loss"
            value={scale}
            onChange={(value) => setBasins({ scale: value as Basins['scale'] })}
            data={[
              { value: 'log', label: 'Log' },
              { value: 'linear', label: 'Linear' },
            ]}
          />
        </div>
      }
    >
      {drawn.length === 0 ? (
        <NotComputed height={HEIGHT} />
      ) : view === 'surface' ? (
        <Suspense fallback={<div style={{ height: HEIGHT }} />}>
          <SurfaceView drawn={drawn} log={log} onReady={onReady} />
        </Suspense>
      ) : (
        <ContourView drawn={drawn} log={log} onReady={onReady} />
      )}
    </Figure>
  )
}

function subtitleOf(x: Float64Array | undefined): string {
  if (!x) return 'L(θ + x·d₁ + y·d₂), filter-normalised, one scale'
  return `L(θ + x·d₁ + y·d₂) over [${formatSetting(x[0])}, ${formatSetting(x[x.length - 1])}]², ${x.length} × ${x.length}, one scale`
}

function describe(drawn: readonly DrawnSurface[]): string {
  const parts = drawn.map(({ run, surface }) => {
    const [low, high] = sharedRange([surface]).map(formatNumber)
    return `${run.label} from ${low} to ${high}`
  })
  return `Loss around the minima: ${parts.join('; ')}.`
}

/** The centre, the mean of the edge and the extremes say how deep and how wide. */
function tableOf(drawn: readonly DrawnSurface[]): FigureTable {
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
