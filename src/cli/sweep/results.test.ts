import { expect, it } from 'vitest'
import { heatMap, heatMapCsv, heatMapText } from './heatMap'
import type { RunResult } from './job'
import { groupResults, overOf, resultRows, resultsCsv } from './results'

const run = (sam_rho: number, run_seed: number, testErrorRate: number, more: object = {}): RunResult => ({
  id: `${sam_rho}-${run_seed}`,
  folder: `/runs/${sam_rho}-${run_seed}`,
  host: 'here',
  state: 'finished',
  settings: { sam_rho, run_seed, ...more },
  step: 10,
  totalSteps: 10,
  metrics: { testErrorRate, gradientEvaluations: 20 },
  took: { all: 2, training: 1 },
})

const RUNS = [run(0, 1, 0.32), run(0, 0, 0.31), run(0, 2, 0.34), run(0.2, 0, 0.2)]

it('groups by everything but the seed, with Student’s interval', () => {
  const [sgd, sam] = groupResults(RUNS, ['sam_rho'])
  expect(sgd).toMatchObject({ settings: { sam_rho: 0 }, n: 3, diverged: 0, seeds: [0, 1, 2] })
  expect(sgd.folders).toEqual(['/runs/0-0', '/runs/0-1', '/runs/0-2'])
  const mean = (0.31 + 0.32 + 0.34) / 3
  const deviation = Math.sqrt(((0.31 - mean) ** 2 + (0.32 - mean) ** 2 + (0.34 - mean) ** 2) / 2)
  const half = (4.302653 * deviation) / Math.sqrt(3)
  expect(sgd.mean.testErrorRate).toBeCloseTo(mean, 12)
  expect(sgd.interval.testErrorRate![0]).toBeCloseTo(mean - half, 6)
  expect(sgd.interval.testErrorRate![1]).toBeCloseTo(mean + half, 6)
  expect(sam.interval.testErrorRate).toBeNull()
  expect('memorised' in sam.mean).toBe(false)
})

it('counts what diverged and takes no number of it', () => {
  const [group] = groupResults([...RUNS.slice(0, 3), { ...run(0, 3, 0.9), state: 'diverged' }], ['sam_rho'])
  expect(group).toMatchObject({ n: 3, diverged: 1 })
  expect(group.mean.testErrorRate).toBeLessThan(0.34)
  expect(resultRows([group])[0].at(-1)).toBe('diverged')
})

it('is a table and a CSV', () => {
  const groups = groupResults(RUNS, overOf(RUNS))
  expect(resultRows(groups)).toEqual([
    ['sam_rho', 'n', 'test error', 'gradients'],
    ['0', '3', '32.33 % ± 3.79 %', '20'],
    ['0.2', '1', '20.00 %', '20'],
  ])
  const [header, first, second] = resultsCsv(groups).trim().split('\n')
  expect(header).toMatch(/^sam_rho,n,diverged,seeds,testErrorRate,testErrorRate_low,testErrorRate_high,/)
  expect(first).toMatch(/^0,3,0,0 1 2,0\.323/)
  expect(second).toMatch(/^0\.2,1,0,0,0\.2,,,/)
  const odd = groupResults([run(0, 0, 0.1, { dataset: 'mine', mlp_layers: '8,4' })], ['mlp_layers'])
  expect(resultsCsv(odd).split('\n')[1]).toMatch(/^"8,4",1,/)
})

it('is a map over two settings', () => {
  const cells = [16, 64].flatMap((batch_size) =>
    [0, 0.2].map((rho) => run(rho, 0, batch_size / 100 + rho, { batch_size })),
  )
  const groups = groupResults(cells.slice(0, 3), ['sam_rho', 'batch_size'])
  const map = heatMap(groups, 'sam_rho', 'batch_size', 'testErrorRate')
  expect(map.values).toEqual([
    [0.16, 0.36],
    [0.64, Number.NaN],
  ])
  expect(heatMapCsv(map).split('\n')).toEqual([
    'sam_rho,batch_size,testErrorRate',
    '0,16,0.16',
    '0.2,16,0.36',
    '0,64,0.64',
    '0.2,64,',
    '',
  ])
  const lines = heatMapText(map)
  expect(lines[1]).toBe('64  ██ 0.64  –')
  expect(lines[2]).toBe('16     0.16  ▒▒ 0.36')
  expect(() => heatMap(groups, 'sam_rho', 'learning_rate', 'testErrorRate')).toThrow(
    /a sweep over sam_rho and/,
  )
  expect(() => heatMap(groups, 'sam_rho', 'batch_size', 'nosuch')).toThrow(/^metric: one of/)
})
