/** What a run of these settings needs on the device, against what there is; red when it cannot fit. */
import { useEffect } from 'react'
import type { PlainError } from '../../base/errors'
import { bytesText } from '../../base/units'
import { formatCount, sentences } from '../format'
import { askPlan } from '../store/commands'
import { useData } from '../store/dataStore'
import { useLab } from '../store/labStore'
import { useWide } from '../useWide'

/** Typing in the form asks once, not at every key. */
const WAIT_MS = 250

export function PlanLine() {
  const plan = useLab((lab) => lab.plan)
  const wide = useWide()
  if (!plan) return null
  const { memory, offer, problem, numParams } = plan
  // Beside the page the bar says it already.
  if (problem) return wide ? null : <Problem problem={problem} />
  const budget = Number.isFinite(offer.budget)
    ? ` of ${bytesText(offer.budget)}${offer.source === 'assumed' ? ' (assumed)' : ''}`
    : ''
  return (
    <span>
      {formatCount(numParams)} parameters; needs about {bytesText(memory.total)}
      {budget} on the device, {bytesText(memory.activations)} of it for activations.
    </span>
  )
}

/** Why what the form asks for cannot be trained here, wherever it would be started; nothing where it can. */
export function DoesNotFit() {
  useAskPlan()
  const problem = useLab((lab) => lab.plan?.problem)
  const going = useLab(({ state }) => state === 'training' || state === 'loading')
  return problem && !going ? <Problem problem={problem} /> : null
}

const Problem = ({ problem }: { problem: PlainError }) => (
  <span className="does-not-fit">{sentences(problem)}</span>
)

/** Keeps the store's plan to the form; a network that cannot be built says so when it is trained. */
function useAskPlan(): void {
  const config = useLab((lab) => lab.config)
  const device = useLab((lab) => lab.device)
  const images = useData((data) => data.datasets?.find(({ name }) => name === config.dataset))
  useEffect(() => {
    if (!device || !images) return
    const { name, height, width, channels, classNames, numTrain } = images
    const set = { name, height, width, channels, numClasses: classNames.length, numTrain }
    const timer = setTimeout(() => void askPlan(config, set), WAIT_MS)
    return () => clearTimeout(timer)
  }, [config, device, images])
}
