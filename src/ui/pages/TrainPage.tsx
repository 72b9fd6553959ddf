/** Train: what a step does, then the whole story: control, outcome, curves, basins; the settings left, a sheet on phones. */
import { Verdict } from '../compare/Verdict'
import { ControlBar } from '../controls/ControlBar'
import { ExperimentPanel } from '../form/ExperimentPanel'
import { Later } from '../panels/Later'
import { Panel } from '../panels/Panel'
import { retriedLazy } from '../panels/retriedLazy'
import { StepCard } from '../step/StepCard'
import { useWide } from '../useWide'

/** What the first screen begins without. */
const figures = () => import('./TrainFigures')
const EpochLinesFigure = retriedLazy(async () => ({ default: (await figures()).EpochLinesFigure }))
const TrainFigures = retriedLazy(figures)

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
        <div className="page">
          <ControlBar />
          <div className="outcome">
            <Verdict />
            <Panel name="The basins, epoch by epoch">
              <Later standIn={<div className="card outcome-to-come" />}>
                <EpochLinesFigure />
              </Later>
            </Panel>
          </div>
          <Panel name="The figures">
            <Later standIn={<div className="figures-to-come" />}>
              <TrainFigures />
            </Later>
          </Panel>
        </div>
      </div>
    </div>
  )
}
