/**
 * One honest sentence about the pair: the difference in points, whether so many test images can tell it from chance,
 * what it cost, how the basins compare; and always that it is one seed.
 */
import type { RunId } from '../../worker/protocol'
import { formatNumber, formatPercent, formatSetting } from '../format'
import type { RunSummary } from './summary'

/** A piece of the sentence; `run` gives it that run's colour, `strong` weight. */
export interface Piece {
  text: string
  run?: RunId
  strong?: boolean
}

export function verdict(runs: readonly RunSummary[], ended: boolean): Piece[] {
  const sgd = runs.find(({ run }) => run === 'sgd')
  const sam = runs.find(({ run }) => run === 'sam')
  if (sgd?.testError === undefined && sam?.testError === undefined)
    return [{ text: 'The verdict stands here after the first evaluation on the test images.' }]
  if (!sgd || !sam) return single((sgd ?? sam) as RunSummary, ended)
  if (sgd.testError === undefined || sam.testError === undefined)
    return [{ text: 'The verdict needs both runs evaluated.' }]
  return [...difference(sgd, sam, ended), ...cost(sgd, sam), ...widths(sgd, sam), { text: ONE_SEED }]
}

const ONE_SEED = ' One seed: run more before you believe it.'

function single({ run, testError, testCount }: RunSummary, ended: boolean): Piece[] {
  return [
    { text: ended ? '' : 'So far ' },
    { text: run.toUpperCase(), run, strong: true },
    { text: ' has a test error of ' },
    { text: formatPercent(testError), strong: true },
    { text: ` on ${testCount?.toLocaleString('en-US')} images, alone.${ONE_SEED}` },
  ]
}

function difference(sgd: RunSummary, sam: RunSummary, ended: boolean): Piece[] {
  const points = 100 * ((sgd.testError ?? 0) - (sam.testError ?? 0))
  const start = ended ? '' : 'So far '
  if (Math.abs(points) < 2 * standardError(sgd, sam))
    return [
      { text: start },
      { text: 'SGD', run: 'sgd', strong: true },
      { text: ' and ' },
      { text: 'SAM', run: 'sam', strong: true },
      {
        text: ` are ${Math.abs(points).toFixed(1)} points of test error apart, less than ${sgd.testCount?.toLocaleString('en-US')} test images can tell from chance`,
      },
    ]
  return [
    { text: start },
    { text: 'SAM', run: 'sam', strong: true },
    { text: ' makes ' },
    { text: `${Math.abs(points).toFixed(1)} points`, strong: true },
    { text: ` ${points > 0 ? 'fewer' : 'more'} test errors than ` },
    { text: 'SGD', run: 'sgd', strong: true },
  ]
}

/** Of the difference, in points, as if the two sets of errors were independent (they are not: this errs to caution). */
function standardError(a: RunSummary, b: RunSummary): number {
  const variance = ({ testError = 0, testCount = 1 }: RunSummary) => (testError * (1 - testError)) / testCount
  return 100 * Math.sqrt(variance(a) + variance(b))
}

function cost(sgd: RunSummary, sam: RunSummary): Piece[] {
  if (!sgd.gradientEvaluations || !sam.gradientEvaluations) return [{ text: '.' }]
  const ratio = sam.gradientEvaluations / sgd.gradientEvaluations
  const words = Math.abs(ratio - 2) < 0.05 ? 'twice' : `${formatNumber(ratio)} times`
  return [{ text: `, at ${words} the gradient evaluations.` }]
}

function widths(sgd: RunSummary, sam: RunSummary): Piece[] {
  if (!sgd.width || !sam.width || sgd.width.width === 0 || sgd.width.clipped) return []
  const ratio = sam.width.width / sgd.width.width
  const wider = ratio >= 1
  const atLeast = sam.width.clipped ? 'at least ' : ''
  return [
    { text: ' Its basin is ' },
    { text: `${atLeast}${formatNumber(wider ? ratio : 1 / ratio)} ×`, strong: true },
    { text: ` ${wider ? 'wider' : 'narrower'} at loss ${formatSetting(sgd.width.level)}.` },
  ]
}
