/** Compare: both runs in one table, what differs between them, and what hindsight would change. */
import { CompareTable } from '../compare/CompareTable'
import { differenceText, hindsightText } from '../compare/texts'
import { useSummary } from '../compare/useSummary'
import { Verdict } from '../compare/Verdict'
import { ControlBar } from '../controls/ControlBar'
import { Messages } from '../controls/Messages'
import { useLab } from '../store/labStore'

export function ComparePage() {
  const session = useLab((lab) => lab.session)
  const runs = useSummary()
  return (
    <div className="page">
      <h1 className="visually-hidden">Compare both runs</h1>
      <ControlBar />
      <Messages />
      <section className="card" aria-labelledby="table-title">
        <h2 id="table-title">Side by side</h2>
        {session ? (
          <>
            <p className="quiet">{differenceText(session)}</p>
            <CompareTable runs={runs} session={session} />
            <p className="quiet">{hindsightText(runs)}</p>
          </>
        ) : (
          <p className="quiet">Nothing trained yet. Train a pair, then compare it here.</p>
        )}
      </section>
      <Verdict />
    </div>
  )
}
