/**
 * What may be said of picked groups: how far apart their test errors are, how sure that is, of how many runs, at what
 * cost. Each is held against the first; a single run of a side gives no interval, and the sentence says so.
 */
import { type Difference, differenceOf, intervalOf, type ListedRun } from '../../worker/libraryProtocol'
import { formatInterval, formatNumber } from '../format'
import type { DrawnGroup } from './drawnGroups'

/** A piece of a sentence; `group` gives it that group's colour. */
export interface GroupPiece {
  text: string
  group?: DrawnGroup
  strong?: boolean
}

const MOST_SENTENCES = 8

/** A sentence for each group after the first; one that says why there is none. */
export function groupVerdict(groups: readonly DrawnGroup[]): GroupPiece[][] {
  const tested = groups.filter((group) => testErrors(group).length > 0)
  if (tested.length === 0)
    return [[{ text: 'None of the picked runs has been evaluated on its test images.' }]]
  const [first, ...others] = tested
  if (others.length === 0) return [alone(first)]
  const sentences = others.slice(0, MOST_SENTENCES).map((other) => against(first, other))
  const left = others.length - sentences.length
  return left > 0 ? [...sentences, [{ text: `And ${left} more: the table below has them.` }]] : sentences
}

const testErrors = ({ runs }: DrawnGroup) =>
  runs.flatMap(({ record }) => {
    const value = record.evaluation?.testErrorRate
    return value === undefined ? [] : [{ seed: record.config.run_seed, value }]
  })

const name = (group: DrawnGroup): GroupPiece => ({ text: group.label, group, strong: true })

function alone(group: DrawnGroup): GroupPiece[] {
  const { mean, half, n } = intervalOf(testErrors(group), ({ value }) => value)!
  const text = formatInterval(mean, half, 'percent')
  return [
    name(group),
    { text: ' has a test error of ' },
    { text, strong: true },
    { text: half === undefined ? `, one run. ${MORE}` : ` (95 % interval of the mean, N = ${n}).` },
  ]
}

function against(first: DrawnGroup, other: DrawnGroup): GroupPiece[] {
  const difference = differenceOf(testErrors(first), testErrors(other))
  const { mean, half } = difference
  const points = formatInterval(100 * Math.abs(mean), half && 100 * half, 'points')
  const end: GroupPiece = {
    text: `${basis(difference)}${costText(first, other)}.${half === undefined ? ` ${MORE}` : ''}`,
  }
  if (half !== undefined && Math.abs(mean) <= half) {
    return [
      name(first),
      { text: ' and ' },
      name(other),
      { text: ' cannot be told apart by their test errors: ' },
      { text: points, strong: true },
      end,
    ]
  }
  return [
    name(other),
    { text: '’s test error is ' },
    { text: points, strong: true },
    { text: ` ${mean < 0 ? 'lower' : 'higher'} than ` },
    name(first),
    { text: '’s' },
    end,
  ]
}

const MORE = 'Run more seeds before you believe it.'

/** ` (95 % interval, N = 5 and 5, seed by seed)` */
function basis({ half, n: [a, b], paired }: Difference): string {
  const runs = `N = ${a} and ${b}${paired ? ', seed by seed' : ''}`
  return half === undefined ? ` (${runs}: no interval)` : ` (95 % interval, ${runs})`
}

function costText(first: DrawnGroup, other: DrawnGroup): string {
  const [a, b] = [cost(first.runs), cost(other.runs)]
  if (!a || !b) return ''
  const ratio = b / a
  if (Math.abs(ratio - 1) < 0.005) return ', at the same number of gradient evaluations'
  return `, at ${Math.abs(ratio - 2) < 0.05 ? 'twice' : `${formatNumber(ratio)} times`} the gradient evaluations`
}

const cost = (runs: readonly ListedRun[]) =>
  intervalOf(runs, ({ record }) => record.last?.gradientEvaluations)?.mean
