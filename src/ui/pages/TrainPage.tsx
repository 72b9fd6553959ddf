/** Train: what a step does, then the whole story: control, verdict, curves, basins; the settings left, a sheet on phones. */
import { CurvesSection } from '../charts/CurvesSection'
import { EdgeSection } from '../charts/EdgeSection'
import { Verdict } from '../compare/Verdict'
import { ControlBar } from '../controls/ControlBar'
import { ExperimentPanel } from '../form/ExperimentPanel'
import { LineFigure } from '../landscape/LineFigures'
import { MeasureControls } from '../landscape/MeasureControls'
import { SurfaceSection } from '../landscape/SurfaceFigure'
import { Later } from '../panels/Later'
import { Panel } from '../panels/Panel'
import { retriedLazy } from '../panels/retriedLazy'
import { ProfileSection } from '../profile/ProfileSection'
import { StepCard } from '../step/StepCard'
import { useWide } from '../useWide'

const MemorisedSection = retriedLazy(() => import('../data/MemorisedSection'))

export function TrainPage() {
  const wide = useWide()
  return (
    <div className="page">
      <h1 className="visually-hidden">Train runs side by side</h1>
      <Panel name="What a step does">
        <StepCard />
      </Panel>
      <div className="train">
        {wide && (
          <Panel name="The settings">
            <ExperimentPanel />
          </Panel>
        )}
        <Story />
      </div>
    </div>
  )
}

function Story() {
  return (
    <div className="page">
      <ControlBar />
      <Verdict />
      <Panel name="The curves">
        <CurvesSection />
      </Panel>
      <EdgeSection />
      <Panel name="The wrong labels">
        <Later>
          <MemorisedSection />
        </Later>
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
      <Panel name="The profile">
        <ProfileSection />
      </Panel>
    </div>
  )
}
