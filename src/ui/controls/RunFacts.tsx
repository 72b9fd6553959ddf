/** The state in a word for everybody and every tool, and the numbers that change many times a second apart from it. */
import type { LabState } from '../../worker/protocol'
import { formatCount, formatNumber, formatSeconds } from '../format'
import { histories } from '../store/history'
import { currentStep, shownRuns, useLab } from '../store/labStore'

const STATE_TEXT: Record<LabState, string> = {
  idle: 'Ready',
  loading: 'Loading',
  training: 'Training',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
}

/** The page's only `status`: read out when the state changes, not when a number does. */
export function StateStatus() {
  const state = useLab((lab) => lab.state)
  return (
    <span role="status" data-state={state} className="state">
      {STATE_TEXT[state]}
    </span>
  )
}

const share = ({ batchesDone, batchesTotal }: { batchesDone: number; batchesTotal: number }) =>
  `${Math.floor((100 * batchesDone) / batchesTotal)} %`

export function RunFacts() {
  const lab = useLab()
  const { session, speed, state, evaluating, tuning } = lab
  if (!session) {
    return <span>{lab.device || state === 'failed' ? 'Nothing trained yet.' : 'Looking for a GPU…'}</span>
  }
  const epochs = session.totalSteps / session.stepsPerEpoch
  const epoch = currentStep(lab) / session.stepsPerEpoch
  const facts = [`epoch ${epoch.toFixed(1)} of ${formatCount(epochs)}`]
  if (tuning) {
    facts.push(`timing kernels ${tuning.done + 1} of ${tuning.total} …`)
  } else if (state === 'training' && currentStep(lab) === session.totalSteps) {
    facts.push(`last evaluation …${evaluating ? ` ${share(evaluating)}` : ''}`)
  } else if (state === 'training' && evaluating) {
    facts.push(`evaluating … ${share(evaluating)}`)
  } else if (speed && speed.stepsPerSecond > 0 && (state === 'training' || state === 'paused')) {
    facts.push(
      `${formatNumber(speed.stepsPerSecond)} steps/s`,
      `${formatCount(speed.imagesPerSecond)} images/s`,
      `${formatSeconds(speed.secondsLeft)} left`,
      `${(100 * speed.dataWaitShare).toFixed(1)} % waiting for data`,
    )
  } else {
    const seconds = Math.max(...shownRuns(lab).map((run) => histories[run].last('seconds') || 0))
    if (seconds > 0) facts.push(`${formatSeconds(seconds)} of training`)
  }
  return <span className="fact-list">{facts.join(' · ')}</span>
}
