/** Everything that needs a sentence: errors with their remedy, hints, a tampered address, the cost of a fallback. */
import { Alert, Anchor } from '@mantine/core'
import { useShallow } from 'zustand/react/shallow'
import { formatCount } from '../format'
import { ProblemAlert } from '../panels/ProblemAlert'
import { shownRuns } from '../runs/shownRuns'
import { type LabStore, useLab } from '../store/labStore'
import { KeptRunsNotes } from './KeptRunsNotes'

const dismiss = (values: Partial<LabStore>) => () => useLab.setState(values)

export function Messages() {
  const problem = useLab((lab) => lab.problem)
  const runs = useLab(shownRuns)
  const diverged = useLab((lab) => lab.diverged)
  const hints = useLab((lab) => lab.hints)
  const notices = useLab((lab) => lab.notices)
  const imported = useLab((lab) => lab.imported)
  const kept = useLab(useShallow(keptInWords))
  return (
    <div className="messages">
      {problem && (
        <ProblemAlert problem={problem} title={TITLE[problem.code]} onClose={dismiss({ problem: undefined })}>
          {problem.code === 'data-missing' && (
            <>
              {' '}
              <Anchor href="#data" inherit>
                Open the Data page
              </Anchor>
            </>
          )}
        </ProblemAlert>
      )}
      <KeptRunsNotes />
      {kept.length > 0 && (
        <Alert role="note">
          Kept from the last evaluation: {kept.join(', ')}. “Export weights” saves them; Train starts from the
          beginning.
        </Alert>
      )}
      {runs.map(({ key, label }) => {
        const end = diverged[key]
        if (!end || end.error.message === problem?.message) return null
        return <ProblemAlert key={key} problem={end.error} title={`${label} diverged at step ${end.step}`} />
      })}
      {notices.length > 0 && (
        <Alert
          color="orange"
          title="The address had values that do not fit; their defaults are used"
          withCloseButton
          onClose={dismiss({ notices: [] })}
        >
          <ul>
            {notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </Alert>
      )}
      {hints.map((hint) => (
        <Alert key={`${hint.key}${hint.run}`} role="note" color="yellow">
          {hint.run && <strong>{runs.find(({ key }) => key === hint.run)?.label ?? hint.run}: </strong>}
          {hint.message}
        </Alert>
      ))}
      {imported && (
        <Alert role="note" withCloseButton onClose={dismiss({ imported: undefined })}>
          {imported}
        </Alert>
      )}
    </div>
  )
}

/** The weights that a failure left, where the worker has none any more. */
function keptInWords({ state, lost, kept }: LabStore): string[] {
  if (state !== 'failed' || !lost) return []
  return Object.values(kept).flatMap((run) =>
    run ? [`${run.label} at step ${formatCount(run.snapshot.step)}`] : [],
  )
}

const TITLE: Partial<Record<string, string>> = {
  config: 'These settings do not work',
  'data-missing': 'Data are missing',
  'data-damaged': 'Data are damaged',
  'storage-full': 'No room left to keep the data',
  storage: 'The browser’s storage refused',
  'file-format': 'This file cannot be read',
  'tensor-mismatch': 'These weights do not fit the network',
  'not-loaded': 'A part of Basin could not be loaded',
  unsupported: 'Not available here',
  device: 'The GPU is not available',
  diverged: 'Training diverged',
}
