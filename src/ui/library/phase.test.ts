import { expect, it } from 'vitest'
import type { RunConfig } from '../../core/config/schema'
import { record } from '../../core/library/run.testing'
import type { ListedRun } from '../../worker/libraryProtocol'
import { phaseOf } from './phase'

const run = (config: Partial<RunConfig>, testErrorRate: number, lambda1?: number): ListedRun => ({
  folder: '',
  record: {
    ...record,
    config: { ...record.config, ...config },
    evaluation: { testErrorRate },
    ...(lambda1 !== undefined && { measured: { lambda1 } }),
  },
})

const grid = [0, 0.1].flatMap((sam_rho) =>
  [16, 64].map((batch_size) => run({ sam_rho, batch_size }, sam_rho + batch_size / 100)),
)

it('is of runs that differ in two settings, whatever their seeds and folders', () => {
  const again = run({ sam_rho: 0, batch_size: 16, run_seed: 1, output_dir: 'elsewhere' }, 0.18)
  const phase = phaseOf([...grid, again])!
  expect([phase.x, phase.y]).toEqual(['sam_rho', 'batch_size'])
  expect(phase.maps.map(({ metric }) => metric.id)).toEqual(['testError'])
  const [{ map }] = phase.maps
  expect([map.xs, map.ys]).toEqual([
    [0, 0.1],
    [16, 64],
  ])
  expect(map.values[0][0]).toBeCloseTo(0.17, 12)
  expect(map.values[1][1]).toBeCloseTo(0.74, 12)
})

it('has a map of each number that was measured', () => {
  const measured = grid.map(({ record: { config } }, i) => run(config, 0.2, 10 + i))
  expect(phaseOf(measured)!.maps.map(({ metric }) => metric.id)).toEqual(['testError', 'lambda1'])
})

it('is none of one setting, of three, or of none', () => {
  expect(phaseOf([])).toBeUndefined()
  expect(phaseOf(grid.slice(0, 2))).toBeUndefined()
  expect(phaseOf([...grid, run({ sam_rho: 0, batch_size: 16, num_epochs: 3 }, 0.1)])).toBeUndefined()
})
