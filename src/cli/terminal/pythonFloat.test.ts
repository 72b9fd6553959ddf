import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { runPath } from '../runs/runFolder'
import { pythonFloat } from './pythonFloat'

const golden = JSON.parse(readFileSync(new URL('goldens/dir_naming.json', import.meta.url), 'utf8'))

it.each(golden.parse_flag_then_str as [string, string][])('%s is %s, as Python prints it', (text, folder) => {
  expect(`wd_${pythonFloat(Number(text))}`).toBe(folder)
})

it.each([
  [1 / 3, '0.3333333333333333'],
  [123456789012345.6, '123456789012345.6'],
  [1e15, '1000000000000000.0'],
  [1.5e-7, '1.5e-07'],
  [1e100, '1e+100'],
  [0.00012, '0.00012'],
  [-0, '-0.0'],
])('%d is %s', (value, text) => {
  expect(pythonFloat(value)).toBe(text)
})

it('names a run’s folder as the reference does', () => {
  const config = { ...DEFAULT_CONFIG, learning_rate: 0.1, weight_decay: 0.0005, sam_rho: 0.05, run_seed: 3 }
  expect(runPath(config)).toBe('lr_0.1/wd_0.0005/rho_0.05/seed_3')
})
