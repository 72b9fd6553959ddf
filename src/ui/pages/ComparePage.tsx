/** Compare: the runs in one table, what differs between them, and what hindsight would change. */
import { CompareTable } from '../compare/CompareTable'
import { differenceText, hindsightText } from '../compare/texts'
import { useSummary } from '../compare/useSummary'
import { Verdict } from '../compare/Verdict'
import { ControlBar } from '../controls/ControlBar'
import { Panel } from '../panels/Panel'
import { useLab } from '../store/labStore'

export default function ComparePage() {
  return (
    <div className="page">
      <h1 className="visually-hidden">Compare the runs</h1>
      <ControlBar />
      <Verdict />
      <section className="card" aria-labelledby="table-title">
        <h2 id="table-title">Side by side</h2>
        <Panel name="The table">
          <SideBySide />
        </Panel>
      </section>
    </div>
  )
}

function SideBySide() {
  const session = useLab((lab) => lab.session)
  const runs = useSummary()
  if (!session) return <p className="quiet">Nothing trained yet. Train some runs, then compare them here.</p>
  return (
    <div className="compare-layout" data-runs={runs.length > 4 ? 'many' : 'few'}>
      <CompareTable runs={runs} />
      <div>
        <h3>What differs</h3>
        <p className="quiet">{differenceText(session)}</p>
        <h3>Early stopping, with hindsight</h3>
        <p className="quiet">{hindsightText(runs)}</p>
      </div>
    </div>
  )
}
