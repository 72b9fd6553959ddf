/** Train: the whole story from control to curves to the two basins to the verdict; the settings left, below on phones. */
import { useMediaQuery } from '@mantine/hooks'
import { CurvesSection } from '../charts/CurvesSection'
import { Verdict } from '../compare/Verdict'
import { ControlBar } from '../controls/ControlBar'
import { Messages } from '../controls/Messages'
import { ExperimentPanel } from '../form/ExperimentPanel'
import { LineFigure } from '../landscape/LineFigures'
import { MeasureControls } from '../landscape/MeasureControls'
import { SurfaceSection } from '../landscape/SurfaceFigure'
import { Panel } from '../panels/Panel'
import { ProfileSection } from '../profile/ProfileSection'

export function TrainPage() {
  // The order of the document follows the picture, so that Tab does too; keys keep what was typed when it changes.
  const wide = useMediaQuery('(min-width: 1100px)', true, { getInitialValueInEffect: false })
  const panel = (
    <Panel key="panel" name="The settings">
      <ExperimentPanel />
    </Panel>
  )
  const story = <Story key="story" />
  return (
    <div className="train">
      <h1 className="visually-hidden">Train runs side by side</h1>
      {wide ? [panel, story] : [story, panel]}
    </div>
  )
}

function Story() {
  return (
    <div className="page">
      <ControlBar />
      <Messages />
      <Panel name="The curves">
        <CurvesSection />
      </Panel>
      <section aria-labelledby="basins-title">
        <div className="section-head">
          <h2 id="basins-title">Basins</h2>
          <MeasureControls ids={['line', 'surface']} />
        </div>
        <Panel name="The slices">
          <div className="charts">
            <LineFigure quantity="loss" />
            <LineFigure quantity="rise" />
          </div>
        </Panel>
        <SurfaceSection />
      </section>
      <Verdict />
      <Panel name="The profile">
        <ProfileSection />
      </Panel>
    </div>
  )
}
