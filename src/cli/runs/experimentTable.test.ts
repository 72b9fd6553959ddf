import { expect, it } from 'vitest'
import { differenceTable, experimentTable, familyTable, halfInterval, summarise } from './experimentTable'

const run = (rho: number, seed: number, testErrorRate: number) => ({
  label: rho === 0 ? 'SGD' : `SAM ρ ${rho}`,
  rho,
  seed,
  testErrorRate,
  bestTestErrorRate: 0.2,
  trainErrorRate: 0.05,
  lossAt0: 0.27,
  lossAtHalf: 3.5,
  lossAt1: 17.8,
  width: 1.5,
  gradients: 2340,
  seconds: 1,
  diverged: false,
})

it('has the sample deviation', () => {
  const { mean, deviation } = summarise([1, 2, 4])
  expect(mean).toBeCloseTo(7 / 3, 12)
  expect(deviation).toBeCloseTo(Math.sqrt(7 / 3), 12)
})

it('has a row a name, and no deviation of one value', () => {
  const lines = experimentTable([run(0, 0, 0.34), run(0.2, 0, 0.19), run(0, 1, 0.36)]).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[2]).toMatch(/^\| SGD +\| 35.0 ± 1.4 +\| 20.0 +\| 5.0 +\| +\| 0.27 /)
  expect(lines[3]).toMatch(/^\| SAM ρ 0.2 \| 19.0 +\|/)
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})

it('has Student’s interval of the mean', () => {
  expect(halfInterval([1, 2, 4])).toBeCloseTo((4.303 * Math.sqrt(7 / 3)) / Math.sqrt(3), 12)
  expect(halfInterval([1])).toBeNaN()
})

it('says which differences the seeds can tell apart, seed by seed', () => {
  const runs = [0, 1, 2].flatMap((seed) => [
    run(0, seed, 0.3 + 0.05 * seed),
    run(0.2, seed, 0.2 + 0.05 * seed + 0.001 * (seed % 2)),
    run(0.1, seed, 0.3 + 0.05 * ((seed + 1) % 3)),
  ])
  const lines = differenceTable(runs, ['SGD', 'SAM ρ 0.2']).split('\n')
  expect(lines[0]).toMatch(/less SGD’s +\| less SAM ρ 0.2’s/)
  expect(lines[2]).toMatch(/^\| SGD +\| +\| \+10\.0 ± 0\.1 +\|$/)
  expect(lines[3]).toMatch(/^\| SAM ρ 0.2 +\| −10\.0 ± 0\.1 +\|/)
  expect(lines[4]).toMatch(/^\| SAM ρ 0.1 +\| [+−]0\.0 ± 21\.5, not told apart/)
  expect(familyTable(runs).split('\n')[3]).toMatch(
    /^\| SAM ρ 0.2 \| 0.2 +\| 25\.0 ± 12\.\d +\| 5.0 .*\| 1.50 +\| 2340 +\|$/,
  )
})
