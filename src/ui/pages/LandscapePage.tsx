/** Landscape: the loss around the minima, along lines, between them and over a plane. */
import { ControlBar } from '../controls/ControlBar'
import { Messages } from '../controls/Messages'
import { BasinsFigure } from '../landscape/BasinsFigure'
import { InterpolationFigure, LineFigure } from '../landscape/LineFigures'
import { SliceControls } from '../landscape/SliceControls'
import { SliceSettingsForm } from '../landscape/SliceSettingsForm'
import { Panel } from '../panels/Panel'

export function LandscapePage() {
  return (
    <div className="page">
      <h1 className="visually-hidden">Landscape around the minima</h1>
      <ControlBar />
      <Messages />
      <section className="card" aria-labelledby="slices-title">
        <h2 id="slices-title">Slices</h2>
        <SliceSettingsForm />
        <SliceControls kinds={['line', 'interpolation', 'surface']} />
      </section>
      <Panel name="The basins">
        <BasinsFigure />
      </Panel>
      <h2 className="between">Along one direction</h2>
      <Panel name="The slices">
        <div className="charts">
          <LineFigure quantity="loss" />
          <LineFigure quantity="rise" />
          <LineFigure quantity="error" />
        </div>
      </Panel>
      <h2 className="between">On the straight line between two runs</h2>
      <Panel name="The interpolation">
        <div className="charts">
          <InterpolationFigure quantity="loss" />
          <InterpolationFigure quantity="error" />
        </div>
      </Panel>
    </div>
  )
}
