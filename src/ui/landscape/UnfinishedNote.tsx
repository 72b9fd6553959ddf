/** A measure that a closed tab has cut off, while its runs stand there without being opened: how far it is, and on. */
import { SmallButton } from '../charts/SmallButton'
import { openRuns } from '../store/commands'
import { useLab } from '../store/labStore'

export function UnfinishedNote() {
  const left = useLab(({ state, unfinished }) => (state === 'interrupted' ? unfinished : undefined))
  const info = useLab(({ measures }) => measures.find(({ id }) => id === left?.id))
  if (!left || !info) return null
  return (
    <div className="button-row">
      <span className="figure-note">
        The {info.title} was cut off at {left.done} of {left.total} {info.unit}.
      </span>
      <SmallButton onClick={() => void openRuns(left.ids)}>Go on with it</SmallButton>
    </div>
  )
}
