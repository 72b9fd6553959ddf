/**
 * One honest sentence about the runs: how far apart their test errors are, whether so many test images can tell that
 * from chance, what it cost, how two basins compare; and always that it is one seed.
 */
import { formatCount, formatNumber, formatPercent, formatSetting } from '../format'
import type { ShownRun } from '../runs/shownRuns'
import type { RunSummary } from './summary'

/** A piece of the sentence; `run` gives it that run's colour, `strong` weight. */
export interface Piece {
  text: string
  run?: ShownRun
  strong?: boolean
}

/** A run whose test error is known. */
type Tested = RunSummary & { testError: number; testCount: number }

export function verdict(runs: readonly RunSummary[], ended: boolean): Piece[] {
  const tested = runs.filter((run): run is Tested => run.testError !== undefined)
  if (tested.length === 0)
    return [
      {
        text: 'The verdict stands here after the first evaluation on the test images: who errs less, whether so many images can tell it from chance, what it cost, and whose basin is wider.',
      },
    ]
  if (tested.length < runs.length)
    return [{ text: `The verdict needs ${runs.length === 2 ? 'both' : 'all'} runs evaluated.` }]
  const start: Piece = { text: ended ? '' : 'So far ' }
  if (tested.length === 1) return [start, ...single(tested[0])]
  if (tested.length === 2) return [start, ...ofTwo(tested)]
  return [start, ...ofMany(tested, ended)]
}

const ONE_SEED = ' One seed: run more before you believe it.'

const name = ({ run }: RunSummary): Piece => ({ text: run.label, run, strong: true })

function single(summary: Tested): Piece[] {
  return [
    name(summary),
    { text: ' has a test error of ' },
    { text: formatPercent(summary.testError), strong: true },
    { text: ` on ${formatCount(summary.testCount)} images, alone.${ONE_SEED}` },
  ]
}

/** What the costlier one, or else the second of the list, has over the other. */
function ofTwo([first, second]: readonly Tested[]): Piece[] {
  const cheaper = (second.gradientEvaluations ?? 0) < (first.gradientEvaluations ?? 0)
  const [base, other] = cheaper ? [second, first] : [first, second]
  return [...difference(base, other), ...cost(base, other), ...widths(base, other), { text: ONE_SEED }]
}

function difference(base: Tested, other: Tested): Piece[] {
  const points = 100 * (base.testError - other.testError)
  if (!toldApart(base, other))
    return [
      name(base),
      { text: ' and ' },
      name(other),
      {
        text: ` are ${pointsText(points)} of test error apart, less than ${formatCount(base.testCount)} test images can tell from chance`,
      },
    ]
  return [
    name(other),
    { text: '’s test error is ' },
    { text: pointsText(points), strong: true },
    { text: ` ${points > 0 ? 'lower' : 'higher'} than ` },
    name(base),
    { text: '’s' },
  ]
}

const pointsText = (points: number): string => `${Math.abs(points).toFixed(1)} points`

/** Two standard errors or more, as if the two sets of errors were independent (they are not: this errs to caution). */
function toldApart(a: Tested, b: Tested): boolean {
  const variance = ({ testError, testCount }: Tested) => (testError * (1 - testError)) / testCount
  return Math.abs(a.testError - b.testError) >= 2 * Math.sqrt(variance(a) + variance(b))
}

function cost(base: Tested, other: Tested): Piece[] {
  if (!base.gradientEvaluations || !other.gradientEvaluations) return [{ text: '.' }]
  const ratio = other.gradientEvaluations / base.gradientEvaluations
  if (ratio === 1) return [{ text: ', at the same number of gradient evaluations.' }]
  const words = Math.abs(ratio - 2) < 0.05 ? 'twice' : `${formatNumber(ratio)} times`
  return [{ text: `, at ${words} the gradient evaluations.` }]
}

function widths(base: Tested, other: Tested): Piece[] {
  if (!base.width || !other.width || base.width.width === 0 || base.width.clipped) return []
  const ratio = other.width.width / base.width.width
  const wider = ratio >= 1
  const atLeast = other.width.clipped ? 'at least ' : ''
  return [
    { text: ' Its basin is ' },
    { text: `${atLeast}${formatNumber(wider ? ratio : 1 / ratio)} ×`, strong: true },
    { text: ` ${wider ? 'wider' : 'narrower'} at loss ${formatSetting(base.width.level)}.` },
  ]
}

/** The best, those that cannot be told from it, how far the next and the last are behind; what each cost. */
function ofMany(runs: readonly Tested[], ended: boolean): Piece[] {
  const [best, ...others] = [...runs].sort((a, b) => a.testError - b.testError)
  const near = [best, ...others.filter((run) => !toldApart(best, run))]
  const behind = others.filter((run) => toldApart(best, run))
  const pieces = near.length === runs.length ? chance(near) : [...lead(near), ...trail(best, behind)]
  return [...pieces, { text: '. ' }, ...costs(runs, best), { text: manyCaveat(runs.length, ended) }]
}

function rangeText(low: number, high: number): string {
  const [from, to] = [formatPercent(low), formatPercent(high)]
  return from === to ? from : `${from.replace(' %', '')} to ${to}`
}

/** Nobody stands out. */
function chance(near: readonly Tested[]): Piece[] {
  const [best, worst] = [near[0], near[near.length - 1]]
  return [
    ...listed(near.map(name)),
    { text: ' have test errors of ' },
    { text: rangeText(best.testError, worst.testError), strong: true },
    { text: `, which ${formatCount(best.testCount)} test images cannot tell apart` },
  ]
}

function lead(near: readonly Tested[]): Piece[] {
  const [best, worst] = [near[0], near[near.length - 1]]
  const error: Piece = { text: rangeText(best.testError, worst.testError), strong: true }
  if (near.length === 1) return [name(best), { text: ' makes the fewest test errors, ' }, error]
  return [
    ...listed(near.map(name)),
    { text: ' make the fewest test errors, ' },
    error,
    { text: `, which ${formatCount(best.testCount)} test images cannot tell apart` },
  ]
}

function trail(best: Tested, behind: readonly Tested[]): Piece[] {
  const points = ({ testError }: Tested) => pointsText(100 * (testError - best.testError))
  const [next, last] = [behind[0], behind[behind.length - 1]]
  if (last === next) return [{ text: '; ' }, name(next), { text: ` is ${points(next)} behind` }]
  return [
    { text: '; next is ' },
    name(next),
    { text: `, ${points(next)} behind, last ` },
    name(last),
    { text: `, ${points(last)} behind` },
  ]
}

/** More runs than this are not named one by one. */
const MOST_NAMED = 4

/** `2,340 gradient evaluations for SGD, 4,680 for SAM 0.05 and SAM 0.2.` */
function costs(runs: readonly Tested[], best: Tested): Piece[] {
  const counts = [...new Set(runs.map((run) => run.gradientEvaluations ?? 0))].sort((a, b) => a - b)
  if (counts[0] === 0) return []
  if (counts.length === 1) return [{ text: `Each took ${formatCount(counts[0])} gradient evaluations.` }]
  if (runs.length > MOST_NAMED)
    return [
      { text: best.run.label, run: best.run },
      { text: ` took ${formatCount(best.gradientEvaluations)} gradient evaluations, all of them ` },
      { text: `${formatCount(counts[0])} to ${formatCount(counts[counts.length - 1])}.` },
    ]
  return counts.flatMap((count, i) => [
    { text: `${i === 0 ? '' : ', '}${formatCount(count)}${i === 0 ? ' gradient evaluations' : ''} for ` },
    ...listed(
      runs.filter((run) => run.gradientEvaluations === count).map(({ run }) => ({ text: run.label, run })),
    ),
    { text: i === counts.length - 1 ? '.' : '' },
  ])
}

/** Choosing among many by the test images favours the lucky one. */
const manyCaveat = (count: number, ended: boolean): string =>
  ended
    ? ` One seed, and the best of ${count} tends to be a lucky one: run more before you believe it.`
    : ONE_SEED

/** `a, b and c` */
function listed(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece, i) =>
    i === 0 ? [piece] : [{ text: i === pieces.length - 1 ? ' and ' : ', ' }, piece],
  )
}
