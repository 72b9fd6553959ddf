/** The sentences around the table. */
import { flagText } from '../../core/config/flags'
import type { FieldName } from '../../core/config/schema'
import { LANE_FIELDS } from '../../core/runs/laneFields'
import type { RunInfo, SessionInfo } from '../../worker/protocol'
import { formatCount, formatPercent } from '../format'
import type { RunSummary } from './summary'

/** So many values a reader takes in; the table has them all. */
const MOST_SPELT = 8

/** Which settings differ, and what is shared. */
export function differenceText({ runs }: SessionInfo): string {
  const [first] = runs
  if (runs.length === 1) return `One run, ${first.label}, on ${dataText(first)}.`
  return `${differs(runs)} ${shared(runs)}`
}

function differs(runs: readonly RunInfo[]): string {
  const names = runs[0].differs
  const count = names.length === 1 ? 'one setting' : `${names.length} settings`
  const spelt = names.length * runs.length <= MOST_SPELT
  const what = spelt ? names.map((name) => valuesText(name, runs)).join('; ') : listed(names)
  return `They differ in ${count}: ${what}.`
}

/** `sam_rho = 0 for SGD, 0.2 for SAM`; runs of one value together. */
function valuesText(name: FieldName, runs: readonly RunInfo[]): string {
  const text = ({ config }: RunInfo) => flagText(config[name]) || 'none'
  const values = [...new Set(runs.map(text))]
  const parts = values.map((value) => {
    const labels = runs.filter((run) => text(run) === value).map(({ label }) => label)
    return `${value} for ${listed(labels)}`
  })
  return `${name} = ${parts.join(', ')}`
}

function shared(runs: readonly RunInfo[]): string {
  const [first] = runs
  const unshared = first.differs.filter((name) => LANE_FIELDS.includes(name))
  if (unshared.length === 0)
    return `Initial weights, batches and their order are the same: ${dataText(first)}.`
  const verb = unshared.length === 1 ? 'differs' : 'differ'
  const data = runs.every((run) => dataText(run) === dataText(first))
    ? ` All learn from ${dataText(first)}.`
    : ''
  return `They do not share every batch, since ${listed(unshared)} ${verb}.${data}`
}

function dataText({ data: { numTrain, numWrongLabels } }: RunInfo): string {
  const wrong = numWrongLabels > 0 ? `, ${formatCount(numWrongLabels)} of them with a wrong label` : ''
  return `${formatCount(numTrain)} training images${wrong}`
}

/** `a, b and c` */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`

/** How much of the difference early stopping would have rescued, if anybody had known when to stop. */
export function hindsightText(runs: readonly RunSummary[]): string {
  const rescued = runs.filter(
    ({ best, testError }) => best && testError !== undefined && testError - best.testErrorRate > 0.01,
  )
  if (rescued.length === 0) return 'Stopping early would have changed little.'
  const parts = rescued.map(
    ({ run, best, testError }) =>
      `${run.label} would have had ${formatPercent(best?.testErrorRate)} instead of ${formatPercent(testError)}`,
  )
  return `With hindsight, stopped at its best epoch, ${parts.join('; ')}. That epoch is chosen on the test images, so the number is too good; it still says how much of the gap is over-training.`
}
