import { expect, it } from 'vitest'
import { experimentTable, summarise } from './experimentTable'

const run = (rho: number, seed: number, testErrorRate: number) => ({
  rho,
  seed,
  testErrorRate,
  bestTestErrorRate: 0.2,
  trainErrorRate: 0.05,
  lossAt0: 0.27,
  lossAtHalf: 3.5,
  lossAt1: 17.8,
  seconds: 1,
  diverged: false,
})

it('has the sample deviation', () => {
  const { mean, deviation } = summarise([1, 2, 4])
  expect(mean).toBeCloseTo(7 / 3, 12)
  expect(deviation).toBeCloseTo(Math.sqrt(7 / 3), 12)
})

it('has a row a radius, SGD first, and no deviation of one value', () => {
  const lines = experimentTable([run(0.2, 0, 0.19), run(0, 0, 0.34), run(0, 1, 0.36)]).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[2]).toMatch(/^\| SGD +\| 35.0 ± 1.4 +\| 20.0 ± 0.0 +\| 5.0 ± 0.0 +\| +\| 0.27 ± 0.00 /)
  expect(lines[3]).toMatch(/^\| SAM ρ 0.2 \| 19.0 +\|/)
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})
