/** The buttons that compute measures, and how far the one at work has come. */
import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { MeasureId, RunKey } from '../../worker/protocol'
import { Bar } from '../controls/Progress'
import { formatSeconds } from '../format'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { cancelMeasure, compute } from '../store/commands'
import { type LabStore, useLab } from '../store/labStore'
import { UnfinishedNote } from './UnfinishedNote'

/** @param ids absent: all that there are */
export function MeasureControls({ ids }: { ids?: readonly MeasureId[] }) {
  const measures = useLab((lab) => lab.measures)
  const job = useLab((lab) => lab.job)
  const reason = useLab(whyNot)
  const done = useLab(doneText)
  const shown = useLab(shownRuns)
  const found = useLab((lab) => lab.findings)
  const [ends, choose] = useEnds(shown)
  const offered = measures.filter(({ id }) => !ids || ids.includes(id))
  return (
    <div className="row slice-controls">
      <div className="button-row">
        {offered.map(({ id, title, runs }) => (
          <Button
            key={id}
            variant={MAIN.includes(id) && !found[id] ? 'filled' : 'default'}
            disabled={reason !== undefined || job !== undefined || (runs === 'pair' && ends[0] === ends[1])}
            onClick={() => compute(id, runs === 'pair' ? ends : undefined)}
          >
            Compute {title}
          </Button>
        ))}
      </div>
      {shown.length > 2 && offered.some(({ runs }) => runs === 'pair') && (
        <div className="measure-ends">
          {ENDS.map((word, k) => (
            <NativeSelect
              key={word}
              size="xs"
              label={word}
              name={word}
              data={shown.map(({ key, label }) => ({ value: key, label }))}
              value={ends[k]}
              onChange={(event) => choose(k, event.currentTarget.value)}
            />
          ))}
        </div>
      )}
      <UnfinishedNote />
      <Button variant="default" disabled={!job || job.cancelling} onClick={cancelMeasure}>
        Cancel
      </Button>
      <div className="slice-progress">{job ? <JobProgress job={job} /> : (reason ?? done)}</div>
    </div>
  )
}

/** What is looked at first; there already, it is only taken again. */
const MAIN: readonly MeasureId[] = ['line', 'surface']

const ENDS = ['from', 'to']

/** The runs that a measure of two is taken of: the first and the last, unless somebody says otherwise. */
function useEnds(runs: readonly ShownRun[]): [RunKey[], (k: number, run: RunKey) => void] {
  const [chosen, setChosen] = useState<Partial<Record<number, RunKey>>>({})
  const standing = [runs[0], runs[runs.length - 1]]
  const ends = standing.map(({ key }, k) => runs.find((run) => run.key === chosen[k])?.key ?? key)
  return [ends, (k, run) => setChosen({ ...chosen, [k]: run })]
}

/** Why nothing can be computed now, in words. */
function whyNot({ state, session }: LabStore): string | undefined {
  if (!session) return 'Train first: there is nothing to look at yet.'
  if (state === 'interrupted' || state === 'following')
    return 'Continue these runs, or open them on the Runs page, to look at their landscape.'
  if (state === 'training' || state === 'loading') return 'Pause the training to look at its landscape.'
  return state === 'failed' ? 'Train again: the last run failed.' : undefined
}

function doneText({ measuredAt }: LabStore): string {
  return measuredAt === undefined ? 'On training images, in evaluation mode.' : `Taken at step ${measuredAt}.`
}

function JobProgress({ job }: { job: NonNullable<LabStore['job']> }) {
  const unit = useLab((lab) => lab.measures.find(({ id }) => id === job.id)?.unit)
  const { done, total, secondsLeft } = job.progress ?? { done: 0, total: 1, secondsLeft: undefined }
  const left = secondsLeft === undefined ? '' : `, ${formatSeconds(secondsLeft)} left`
  const text = job.cancelling ? 'Cancelling …' : `${done} of ${total} ${unit}${left}`
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
