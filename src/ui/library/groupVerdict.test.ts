import { expect, it } from 'vitest'
import { record } from '../../core/library/run.testing'
import type { ListedRun } from '../../worker/libraryProtocol'
import { drawnGroups } from './drawnGroups'
import { groupVerdict } from './groupVerdict'

const runs = (label: string, sam_rho: number, errors: readonly number[], gradients: number): ListedRun[] =>
  errors.map((testErrorRate, run_seed) => ({
    folder: '',
    record: {
      ...record,
      id: `${label}${run_seed}`,
      name: `${label}-${run_seed}`,
      label,
      config: { ...record.config, sam_rho, run_seed },
      evaluation: { testErrorRate },
      last: { gradientEvaluations: gradients, seconds: 1, gap: null },
    },
  }))

const verdict = (picked: readonly ListedRun[]) =>
  groupVerdict(drawnGroups(picked, true)).map((pieces) => pieces.map(({ text }) => text).join(''))

const SGD = [0.345, 0.332, 0.351]

it('says how far groups are apart, how sure that is, of how many runs, at what cost', () => {
  // scipy.stats.ttest_rel: −0.156 ± 0.0301
  expect(verdict([...runs('SGD', 0, SGD, 100), ...runs('SAM', 0.1, [0.187, 0.189, 0.184], 200)])).toEqual([
    'SAM’s test error is 15.6 ± 3.0 points lower than SGD’s (95 % interval, N = 3 and 3, seed by seed), at twice the gradient evaluations.',
  ])
  // scipy.stats.ttest_ind(equal_var=False): −0.1559 ± 0.0234
  const five = runs('SAM', 0.1, [0.187, 0.189, 0.184, 0.188, 0.186], 100)
  expect(verdict([...runs('SGD', 0, SGD, 100), ...five])).toEqual([
    'SAM’s test error is 15.6 ± 2.3 points lower than SGD’s (95 % interval, N = 3 and 5), at the same number of gradient evaluations.',
  ])
})

it('does not tell apart what chance may', () => {
  expect(verdict([...runs('SGD', 0, SGD, 100), ...runs('SAM', 0.1, [0.339, 0.343, 0.35], 300)])[0]).toMatch(
    /^SGD and SAM cannot be told apart by their test errors: 0\.1 ± 2\.\d points .*, at 3\.\d+ times the gradient/,
  )
})

it('of single runs has no interval and says so', () => {
  expect(verdict([...runs('SGD', 0, [0.3], 100), ...runs('SAM', 0.1, [0.2], 200)])).toEqual([
    'SAM-0’s test error is 10.0 points lower than SGD-0’s (N = 1 and 1: no interval), at twice the gradient evaluations. Run more seeds before you believe it.',
  ])
  expect(verdict(runs('SGD', 0, [0.3], 100))[0]).toMatch(/one run\. Run more seeds/)
  expect(verdict(runs('SGD', 0, SGD, 100))[0]).toMatch(/34\.3 ± 2\.4 % \(95 % interval of the mean, N = 3\)/)
})

it('needs an evaluation', () => {
  const [untested] = runs('SGD', 0, [0.3], 100)
  const without = { ...untested, record: { ...untested.record, evaluation: undefined } }
  expect(verdict([without])).toEqual(['None of the picked runs has been evaluated on its test images.'])
})

it('names groups of one label by what tells them apart', () => {
  const picked = [...runs('SAM', 0.05, [0.2, 0.3], 1), ...runs('SAM', 0.2, [0.2, 0.3], 1)]
  expect(drawnGroups(picked, true).map(({ label }) => label)).toEqual([
    'SAM, sam_rho 0.05',
    'SAM, sam_rho 0.2',
  ])
})
