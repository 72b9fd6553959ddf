import { expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { costOf } from '../optim/methods'
import { sgdAtEqualCost } from './equalCost'

const run = (changes: Partial<RunConfig>): RunConfig => ({ ...DEFAULT_CONFIG, num_epochs: 30, ...changes })

it.each([
  [{}, 60],
  [{ sam_steps: 3 }, 120],
  [{ sam_variant: 'look' }, 36],
  [{ sam_variant: 'random' }, 30],
  [{ sam_from: 0.8 }, 36],
  [{ sam_rho: 0 }, 30],
] as const)('SGD beside %j has %i epochs', (changes, epochs) => {
  const config = run(changes)
  const sgd = { ...config, ...sgdAtEqualCost(config, 50) }
  expect(sgd).toMatchObject({ sam_rho: 0, num_epochs: epochs, learning_rate: config.learning_rate })
  const [steps, own] = [50 * sgd.num_epochs, 50 * config.num_epochs]
  expect(costOf(sgd, steps, steps)).toBe(costOf(config, own, own))
})
