/** The state in a word for everybody and every tool, and the numbers that change many times a second apart from it. */
import type { LabState, RunInfo, SessionInfo } from '../../worker/protocol'
import { formatCount, formatNumber, formatSeconds } from '../format'
import { shownRuns } from '../runs/shownRuns'
import { historyOf } from '../store/history'
import { allDiverged, type LabStore, stepOf, useLab } from '../store/labStore'
import { loadingText } from './Progress'

const STATE_TEXT: Record<LabState, string> = {
  idle: 'Ready',
  loading: 'Loading',
  training: 'Training',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
  following: 'Trained in another tab',
}

/** The page's only `status`: read out when the state changes, not when a number does. */
export function StateStatus() {
  const state = useLab((lab) => lab.state)
  const diverged = useLab(allDiverged)
  // A run that ends so has come to the end, but not to a result.
  const lost = state === 'finished' && diverged > 0
  return (
    <span role="status" data-state={lost ? 'diverged' : state} className="state">
      {lost ? (ALL_DIVERGED[diverged] ?? 'All runs diverged') : STATE_TEXT[state]}
    </span>
  )
}

const ALL_DIVERGED: Record<number, string> = { 1: 'Diverged', 2: 'Both runs diverged' }

const share = ({ batchesDone, batchesTotal }: { batchesDone: number; batchesTotal: number }) =>
  `${Math.floor((100 * batchesDone) / batchesTotal)} %`

/** The one that has most to do of those that go on; where all have diverged, of all. */
function longestRun(runs: readonly RunInfo[], lab: LabStore) {
  const going = runs.filter(({ key }) => !lab.diverged[key])
  const longest = (going.length > 0 ? going : runs).reduce((a, b) => (b.totalSteps > a.totalSteps ? b : a))
  return { ...longest, step: stepOf(lab, longest.key) }
}

/** The details are left out where there is no room. */
export function RunFacts() {
  const lab = useLab()
  const { session, state, loading } = lab
  if (state === 'loading' && loading) return <span className="fact-list">{loadingText(loading)}</span>
  if (!session) {
    // What failed says so itself.
    if (state === 'failed' || state === 'loading') return null
    return <span className="fact-list">{lab.device ? 'Nothing trained yet.' : 'Looking for a GPU…'}</span>
  }
  const { facts, details } = factsOf(lab, session)
  const all = [...facts, ...details]
  return (
    <span className="fact-list fact-columns" data-still={state !== 'training'}>
      {all.map((fact, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place on the line, whatever stands in it
        <span key={i} className={i < facts.length ? 'fact' : 'fact fact-details'}>
          {i > 0 && <span className="fact-dot"> · </span>}
          {joined(fact)}
        </span>
      ))}
    </span>
  )
}

/** A number and its unit stay together. */
const joined = (fact: string): string => fact.replace(/(\d) (?!of )(?=[a-z%])/g, '$1\u00a0')

function factsOf(lab: LabStore, session: SessionInfo): { facts: string[]; details: string[] } {
  const { speed, state, evaluating, tuning } = lab
  const { step, stepsPerEpoch, totalSteps } = longestRun(session.runs, lab)
  const facts = [`epoch ${(step / stepsPerEpoch).toFixed(1)} of ${formatCount(totalSteps / stepsPerEpoch)}`]
  const details: string[] = []
  if (tuning) {
    facts.push(`timing kernels ${tuning.done + 1} of ${tuning.total} …`)
  } else if (state === 'training' && step === totalSteps) {
    facts.push(`last evaluation …${evaluating ? ` ${share(evaluating)}` : ''}`)
  } else if (state === 'training' && evaluating) {
    facts.push(`evaluating … ${share(evaluating)}`)
  } else if (speed && speed.stepsPerSecond > 0 && (state === 'training' || state === 'paused')) {
    facts.push(`${formatNumber(speed.stepsPerSecond)} steps/s`, `${formatSeconds(speed.secondsLeft)} left`)
    details.push(
      `${formatCount(speed.imagesPerSecond)} images/s`,
      `${(100 * speed.dataWaitShare).toFixed(1)} % waiting for data`,
    )
  } else {
    const time = timeText(lab)
    if (time) facts.push(time)
  }
  return { facts, details }
}

/** So many runs' seconds are told one by one. */
const MOST_TOLD = 3

/** `SGD 7.6 s + SAM 12 s of 21 s, 0.9 s of them compiling`: what the runs' steps took, of all that passed. */
function timeText(lab: LabStore): string | undefined {
  const runs = shownRuns(lab).map(({ key, label }) => ({
    label,
    seconds: historyOf(key).last('seconds') || 0,
  }))
  const all = runs.reduce((sum, { seconds }) => sum + seconds, 0)
  if (all === 0) return undefined
  const told =
    runs.length > MOST_TOLD
      ? `${formatSeconds(all)} of training steps`
      : runs.map(({ label, seconds }) => `${label} ${formatSeconds(seconds)}`).join(' + ')
  // Kept runs bring their seconds along, of other sittings.
  if (lab.worked < all) return told
  const compiling = lab.speed?.warmUpSeconds ?? 0
  // What would stand there as 0.0 s is not told.
  const ofThem = compiling >= 0.05 ? `, ${formatSeconds(compiling)} of them compiling` : ''
  return `${told} of ${formatSeconds(lab.worked)}${ofThem}`
}

/** How far the runs are kept in the browser's storage. */
export function KeptFact() {
  const keeping = useLab((lab) => lab.keeping)
  const steps = Object.values(keeping?.runs ?? {}).map(({ step }) => step)
  if (!keeping || steps.length === 0) return null
  const step = Math.min(...steps)
  return (
    <span className="fact-list fact-details" data-kept-step={step} data-keeping-share={keeping.share}>
      {step > 0 ? `kept up to step ${formatCount(step)}` : 'being kept'}
    </span>
  )
}
