/** The sentences around the table. */
import type { SessionInfo } from '../../worker/protocol'
import { formatCount, formatPercent } from '../format'
import type { RunSummary } from './summary'

/** Which settings differ, and what is shared. */
export function differenceText({ runs, numTrain, numWrongLabels }: SessionInfo): string {
  const data = `${formatCount(numTrain)} training images${numWrongLabels > 0 ? `, ${formatCount(numWrongLabels)} of them with a wrong label` : ''}`
  if (runs.length < 2) return `One run, sam_rho = ${runs[0].rho}, on ${data}.`
  const [sgd, sam] = runs
  return `They differ in one setting: sam_rho = ${sgd.rho} for SGD, ${sam.rho} for SAM. Initial weights, batches and their order are the same: ${data}.`
}

/** How much of the difference early stopping would have rescued, if anybody had known when to stop. */
export function hindsightText(runs: readonly RunSummary[]): string {
  const rescued = runs.filter(
    ({ best, testError }) => best && testError !== undefined && testError - best.testErrorRate > 0.01,
  )
  if (rescued.length === 0) return 'Stopping early would have changed little.'
  const parts = rescued.map(
    ({ run, best, testError }) =>
      `${run.toUpperCase()} would have had ${formatPercent(best?.testErrorRate)} instead of ${formatPercent(testError)}`,
  )
  return `With hindsight, stopped at its best epoch, ${parts.join('; ')}. That epoch is chosen on the test images, so the number is too good; it still says how much of the gap is over-training.`
}
