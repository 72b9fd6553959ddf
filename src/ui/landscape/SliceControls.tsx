/** The buttons that compute slices, and how far the one at work has come. */
import { Button } from '@mantine/core'
import type { SliceRequest } from '../../worker/protocol'
import { Bar } from '../controls/Progress'
import { formatSeconds } from '../format'
import { shownRuns } from '../runs/shownRuns'
import { cancelSlice, computeSlice } from '../store/commands'
import { type LabStore, useLab } from '../store/labStore'

const TITLE: Record<SliceRequest['kind'], string> = {
  line: 'Compute 1-D slice',
  interpolation: 'Compute interpolation',
  surface: 'Compute 2-D slice',
}

export function SliceControls({ kinds }: { kinds: SliceRequest['kind'][] }) {
  const job = useLab((lab) => lab.job)
  const reason = useLab(whyNot)
  const done = useLab(doneText)
  const several = useLab((lab) => shownRuns(lab).length > 1)
  return (
    <div className="slice-controls">
      <div className="button-row">
        {kinds.map((kind) => (
          <Button
            key={kind}
            variant={kind === 'interpolation' ? 'default' : 'filled'}
            disabled={reason !== undefined || job !== undefined || (kind === 'interpolation' && !several)}
            onClick={() => computeSlice(kind)}
          >
            {TITLE[kind]}
          </Button>
        ))}
        <Button variant="default" disabled={!job || job.cancelling} onClick={cancelSlice}>
          Cancel
        </Button>
      </div>
      <div className="slice-progress">{job ? <JobProgress job={job} /> : (reason ?? done)}</div>
    </div>
  )
}

/** Why nothing can be computed now, in words. */
function whyNot({ state, session }: LabStore): string | undefined {
  if (!session) return 'Train first: there is nothing to look at yet.'
  if (state === 'training' || state === 'loading') return 'Pause the training to look at its landscape.'
  return state === 'failed' ? 'Train again: the last run failed.' : undefined
}

function doneText({ sliceStep }: LabStore): string {
  return sliceStep === undefined ? 'On training images, in evaluation mode.' : `Taken at step ${sliceStep}.`
}

function JobProgress({ job }: { job: NonNullable<LabStore['job']> }) {
  const { done, total, secondsLeft } = job.progress ?? { done: 0, total: 1, secondsLeft: undefined }
  const left = secondsLeft === undefined ? '' : `, ${formatSeconds(secondsLeft)} left`
  const text = job.cancelling ? 'Cancelling …' : `${done} of ${total} points${left}`
  return (
    <>
      <Bar
        label="Landscape progress"
        value={done}
        max={total}
        text={text}
        color="var(--mantine-color-dimmed)"
      />
      <span>{text}</span>
    </>
  )
}
