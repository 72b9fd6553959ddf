/** The live curves and how they are drawn: axis, smoothing, scale. */
import { NativeSelect, Slider, Switch } from '@mantine/core'
import { useState } from 'react'
import { saveText } from '../files/save'
import { metricsCsv } from '../files/tables'
import { shownRuns } from '../runs/shownRuns'
import { historyOf } from '../store/history'
import { type Axis, useLab } from '../store/labStore'
import { CurveFigure } from './CurveFigure'
import { curvesFor } from './curves'
import { SmallButton } from './SmallButton'

export function CurvesSection() {
  const [opened, setOpened] = useState(false)
  const noisy = useLab((lab) => shownRuns(lab).some(({ config }) => config.label_noise > 0))
  const { main, more } = curvesFor(noisy)
  return (
    <section aria-labelledby="curves-title">
      <div className="section-head">
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
  const hasCurves = useLab((lab) => lab.session !== undefined)
  const saveCsv = () => {
    const lab = useLab.getState()
    saveText('basin_metrics.csv', metricsCsv(shownRuns(lab), historyOf, lab.evaluations))
  }
  return (
    <div className="view-controls">
      <NativeSelect
        size="xs"
        aria-label="Horizontal axis"
        data={AXIS_CHOICES}
        value={axis}
        onChange={(event) => useLab.setState({ axis: event.currentTarget.value as Axis })}
      />
      <div className="smoothing">
        <span>Smoothing</span>
        <Slider
          thumbLabel="Smoothing"
          min={0}
          max={0.99}
          step={0.01}
          label={null}
          size={4}
          thumbSize={16}
          value={smoothing}
          onChange={(value) => useLab.setState({ smoothing: value })}
        />
      </div>
      <Switch
        size="xs"
        label="Log scale"
        checked={logY}
        onChange={(event) => useLab.setState({ logY: event.currentTarget.checked })}
      />
      <SmallButton onClick={saveCsv} disabled={!hasCurves}>
        Metrics as CSV
      </SmallButton>
    </div>
  )
}

const AXIS_CHOICES: { value: Axis; label: string }[] = [
  { value: 'step', label: 'over steps' },
  { value: 'epoch', label: 'over epochs' },
  { value: 'gradientEvaluations', label: 'over gradient evaluations (equal cost)' },
  { value: 'seconds', label: 'over seconds' },
]
