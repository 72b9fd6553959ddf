import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { shownRuns } from '../runs/shownRuns'
import type { RunSummary } from './summary'
import { verdict } from './verdict'

const [one, other] = shownRuns({ config: DEFAULT_CONFIG })
const sgd: RunSummary = {
  run: one,
  testError: 0.345,
  testCount: 10000,
  testIsWhole: true,
  gradientEvaluations: 2340,
}
const sam: RunSummary = { ...sgd, run: other, testError: 0.187, gradientEvaluations: 4680 }
const text = (runs: RunSummary[], ended = true) =>
  verdict(runs, ended)
    .map((piece) => piece.text)
    .join('')

describe('verdict', () => {
  it('names the difference, its cost, and that it is one seed', () => {
    expect(text([sgd, sam])).toBe(
      'SAM’s test error is 15.8 points lower than SGD’s, at twice the gradient evaluations. One seed: run more before you believe it.',
    )
  })

  it('says when SAM is worse, and when training still goes on', () => {
    expect(text([sgd, { ...sam, testError: 0.5 }], false)).toMatch(
      /^So far SAM’s test error is 15.5 points higher/,
    )
  })

  it('calls a difference that the test images cannot tell by its name', () => {
    expect(text([sgd, { ...sam, testError: 0.34 }])).toMatch(
      /0\.5 points of test error apart, less than 10,000/,
    )
  })

  it('compares the basins at the fixed level, honestly at the slice’s end', () => {
    const width = (value: number, clipped = false) => ({
      level: 2,
      left: -value / 2,
      right: value / 2,
      width: value,
      clipped,
    })
    expect(
      text([
        { ...sgd, width: width(0.5) },
        { ...sam, width: width(1.55) },
      ]),
    ).toContain('Its basin is 3.10 × wider at loss 2.')
    expect(
      text([
        { ...sgd, width: width(0.5) },
        { ...sam, width: width(2, true) },
      ]),
    ).toContain('at least 4.00 ×')
    expect(
      text([
        { ...sgd, width: width(2, true) },
        { ...sam, width: width(2, true) },
      ]),
    ).not.toContain('basin')
  })

  it('speaks of a single run without comparing', () => {
    expect(text([sam])).toMatch(/^SAM has a test error of 18\.7 % on 10,000 images, alone/)
    expect(text([])).toMatch(/after the first evaluation/)
  })

  it('takes the costlier run as the one that is spoken of, and says when both cost the same', () => {
    expect(text([sam, sgd])).toBe(text([sgd, sam]))
    expect(text([sgd, { ...sam, gradientEvaluations: 2340 }])).toContain(
      ', at the same number of gradient evaluations.',
    )
  })
})

describe('the verdict on three runs and more', () => {
  const runs = shownRuns({ config: { ...DEFAULT_CONFIG, runs: 'sam_rho:0;sam_rho:0.05;sam_rho:0.2' } })
  const three = (...errors: number[]): RunSummary[] =>
    runs.map((run, i) => ({
      run,
      testError: errors[i],
      testCount: 10000,
      testIsWhole: true,
      gradientEvaluations: i === 0 ? 2340 : 4680,
    }))

  it('names the best, the next, the last, the costs, and that the best is a lucky one', () => {
    expect(text(three(0.345, 0.287, 0.187))).toBe(
      'SAM 0.2 makes the fewest test errors, 18.7 %; next is SAM 0.05, 10.0 points behind, last SGD, 15.8 points behind. ' +
        '2,340 gradient evaluations for SGD, 4,680 for SAM 0.05 and SAM 0.2. ' +
        'One seed, and the best of 3 tends to be a lucky one: run more before you believe it.',
    )
  })

  it('says which the test images cannot tell apart', () => {
    expect(text(three(0.345, 0.19, 0.187))).toMatch(
      /^SAM 0\.2 and SAM 0\.05 make the fewest test errors, 18\.7 to 19\.0 %, which 10,000 test images cannot tell apart; SGD is 15\.8 points behind\. /,
    )
    expect(text(three(0.188, 0.19, 0.187), false)).toMatch(
      /^So far SAM 0\.2, SGD and SAM 0\.05 have test errors of 18\.7 to 19\.0 %, which 10,000 test images cannot tell apart\. /,
    )
  })

  it('waits for all of them', () => {
    const [first, second, third] = three(0.3, 0.3, 0.3)
    expect(text([first, second, { ...third, testError: undefined }])).toBe(
      'The verdict needs all runs evaluated.',
    )
  })
})
