/** What needs a sentence on the Runs page: refusals with their remedy, what an import came to, what can be undone. */
import { Alert, Button } from '@mantine/core'
import { bytesText } from '../../base/units'
import { SmallButton } from '../charts/SmallButton'
import { formatCount } from '../format'
import { ProblemAlert } from '../panels/ProblemAlert'
import { deleteRuns, forgetDeletions, undoDeletion, useLibrary } from '../store/libraryStore'

export function LibraryMessages() {
  const problem = useLibrary(({ problem }) => problem)
  const refused = useLibrary(({ refused }) => refused)
  const done = useLibrary(({ done }) => done)
  const damaged = useLibrary(({ damaged }) => damaged)
  const unanswered = useLibrary(({ unanswered }) => unanswered)
  return (
    <div className="messages">
      {problem && (
        <ProblemAlert problem={problem} onClose={() => useLibrary.setState({ problem: undefined })} />
      )}
      {refused.length > 0 && (
        <Alert
          color="red"
          title={refused.length === 1 ? 'This is not imported' : `${refused.length} are not imported`}
          withCloseButton
          onClose={() => useLibrary.setState({ refused: [] })}
        >
          <ul>
            {refused.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Alert>
      )}
      {done && (
        <Alert role="status" withCloseButton onClose={() => useLibrary.setState({ done: undefined })}>
          {done}
        </Alert>
      )}
      {unanswered && (
        <Alert color="orange" title="The served folder of runs does not answer">
          {unanswered}
        </Alert>
      )}
      <Deleted />
      {damaged.map(({ folder, problem: what, served }) => (
        <Alert key={folder} color="orange" title="A kept run cannot be read">
          <p className="message-text">
            {what}.{!served && ' It can only be deleted.'}
          </p>
          {!served && (
            <SmallButton onClick={() => void deleteRuns([folder.slice(0, -1)])}>
              Delete what is left of it
            </SmallButton>
          )}
        </Alert>
      ))}
    </div>
  )
}

/** Nothing is gone as long as this stands here. */
function Deleted() {
  const deletions = useLibrary(({ deletions }) => deletions)
  const [last] = deletions
  if (!last) return null
  const runs = last.ids.length === 1 ? '1 run is' : `${formatCount(last.ids.length)} runs are`
  const bytes = deletions.reduce((sum, deletion) => sum + deletion.bytes, 0)
  const room = bytes > 0 ? ` ${bytesText(bytes)} are free when this is dismissed or the tab closed.` : ''
  return (
    <Alert role="status" withCloseButton onClose={() => void forgetDeletions()}>
      <div className="row undo">
        <span>
          {runs} deleted.{room}
        </span>
        <Button size="xs" onClick={() => void undoDeletion()}>
          Undo
        </Button>
      </div>
    </Alert>
  )
}
