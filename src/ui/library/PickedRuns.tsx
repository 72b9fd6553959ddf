/** The picked runs together: what may be said of them, their curves on one another, their numbers side by side. */
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { CurveControls } from '../charts/CurveControls'
import { changeView, loadCurves, useLibrary } from '../store/libraryStore'
import { ComparePicked } from './ComparePicked'
import { type DrawnGroup, drawnGroups } from './drawnGroups'
import { GroupVerdict } from './GroupVerdict'
import { PhasePlot } from './PhasePlot'
import { PickedFigure } from './PickedFigure'
import { curvesOf } from './pickedCurves'
import { Scatter } from './Scatter'
import { usePicked } from './usePicked'

const NONE: readonly DrawnGroup[] = []

export function PickedRuns() {
  const picked = usePicked()
  const byGroup = useLibrary(({ view }) => view.byGroup)
  // Many runs take a while to draw: the list answers before they are.
  const groups = useDeferredValue(
    useMemo(() => drawnGroups(picked, byGroup), [picked, byGroup]),
    NONE,
  )
  useEffect(() => void loadCurves(picked), [picked])
  return (
    <>
      {groups.length > 0 && <GroupVerdict groups={groups} />}
      {groups.length > 0 && <PickedCurves groups={groups} />}
      {groups.length > 0 && (
        <section className="card" aria-labelledby="picked-title">
          <h2 id="picked-title">Side by side</h2>
          <ComparePicked groups={groups} />
        </section>
      )}
      <PhasePlot />
      <Scatter />
    </>
  )
}

function PickedCurves({ groups }: { groups: readonly DrawnGroup[] }) {
  const axis = useLibrary(({ view }) => view.axis)
  const curves = useLibrary(({ curves }) => curves)
  const [{ smoothing, logY }, setLook] = useState({ smoothing: 0.9, logY: false })
  const [open, setOpen] = useState(false)
  const { main, more } = useMemo(
    () => curvesOf(groups.flatMap(({ runs }) => runs.flatMap(({ record }) => curves[record.id] ?? []))),
    [groups, curves],
  )
  const figures = (of: typeof main) => (
    <div className="charts picked-charts">
      {of.map((curve) => (
        <PickedFigure key={curve.name} {...{ curve, groups, axis, smoothing, log: logY }} />
      ))}
    </div>
  )
  return (
    <section aria-labelledby="picked-curves-title">
      <div className="row section-head">
        <h2 id="picked-curves-title">Curves of the picked runs</h2>
        <CurveControls
          axis={axis}
          smoothing={smoothing}
          logY={logY}
          onChange={({ axis: over, ...others }) => {
            if (over) changeView({ axis: over })
            setLook((before) => ({ ...before, ...others }))
          }}
        />
      </div>
      {figures(main)}
      {more.length > 0 && (
        <details className="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>More curves</summary>
          {open && figures(more)}
        </details>
      )}
    </section>
  )
}
