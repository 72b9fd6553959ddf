/** The live curves and how they are drawn: axis, smoothing, scale. */
import { useState } from 'react'
import { saveText } from '../files/save'
import { metricsCsv } from '../files/tables'
import { shownRuns } from '../runs/shownRuns'
import { historyOf } from '../store/history'
import { useLab } from '../store/labStore'
import { CurveControls } from './CurveControls'
import { CurveFigure } from './CurveFigure'
import { curvesFor } from './curves'
import { SmallButton } from './SmallButton'

export function CurvesSection() {
  const [opened, setOpened] = useState(false)
  const noisy = useLab((lab) => shownRuns(lab).some(({ config }) => config.label_noise > 0))
  const { main, more } = curvesFor(noisy)
  return (
    <section aria-labelledby="curves-title">
      <div className="row section-head">
        <h2 id="curves-title">Curves</h2>
        <ViewControls />
      </div>
      <div className="charts">
        {main.map((curve) => (
          <CurveFigure key={curve.key} curve={curve} />
        ))}
      </div>
      <details className="more" onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>More curves: {noisy && 'training error, '}perturbed loss, norms, learning rate</summary>
        {opened && (
          <div className="charts">
            {more.map((curve) => (
              <CurveFigure key={curve.key} curve={curve} />
            ))}
          </div>
        )}
      </details>
    </section>
  )
}

function ViewControls() {
  const axis = useLab((lab) => lab.axis)
  const smoothing = useLab((lab) => lab.smoothing)
  const logY = useLab((lab) => lab.logY)
  const zoomed = useLab((lab) => lab.zoom !== undefined)
  const hasCurves = useLab((lab) => lab.session !== undefined)
  const saveCsv = () => {
    const lab = useLab.getState()
    saveText('basin_metrics.csv', metricsCsv(shownRuns(lab), historyOf, lab.evaluations, lab.edges))
  }
  return (
    <CurveControls
      axis={axis}
      smoothing={smoothing}
      logY={logY}
      onChange={(changes) => useLab.setState('axis' in changes ? { ...changes, zoom: undefined } : changes)}
    >
      {zoomed && <SmallButton onClick={() => useLab.setState({ zoom: undefined })}>All of it</SmallButton>}
      <SmallButton onClick={saveCsv} disabled={!hasCurves}>
        Metrics as CSV
      </SmallButton>
    </CurveControls>
  )
}
