/** What is below the control bar and the outcome: curves, the images behind them, basins, profile. */
import { CurvesSection } from '../charts/CurvesSection'
import { EdgeSection } from '../charts/EdgeSection'
import MemorisedSection from '../data/MemorisedSection'
import { EpochLinesFigure } from '../landscape/EpochLinesFigure'
import { LineFigure } from '../landscape/LineFigures'
import { MeasureControls } from '../landscape/MeasureControls'
import { SurfaceSection } from '../landscape/SurfaceFigure'
import { Panel } from '../panels/Panel'
import { ProfileSection } from '../profile/ProfileSection'

export { EpochLinesFigure }

export default function TrainFigures() {
  return (
    <>
      <Panel name="The curves">
        <CurvesSection />
      </Panel>
      <EdgeSection />
      <Panel name="The wrong labels">
        <MemorisedSection />
      </Panel>
      <section aria-labelledby="basins-title">
        <div className="row section-head">
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
    </>
  )
}
