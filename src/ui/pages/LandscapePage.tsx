/** Landscape: the loss around the minima, along lines, between them and over a plane. */
import { ControlBar } from '../controls/ControlBar'
import { Findings } from '../landscape/Findings'
import { MeasureControls } from '../landscape/MeasureControls'
import { MeasureDrop, MeasureFiles } from '../landscape/MeasureFiles'
import { MeasureSettingsForm } from '../landscape/MeasureSettingsForm'

export default function LandscapePage() {
  return (
    <MeasureDrop>
      <div className="page">
        <h1 className="visually-hidden">Landscape around the minima</h1>
        <ControlBar />
        <section className="card" aria-labelledby="measures-title">
          <h2 id="measures-title">Measures</h2>
          <MeasureSettingsForm />
          <MeasureControls />
          <MeasureFiles />
        </section>
        <Findings />
      </div>
    </MeasureDrop>
  )
}
