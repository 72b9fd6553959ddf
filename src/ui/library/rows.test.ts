import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { record } from '../../core/library/run.testing'
import type { ListedRun, RunRecord } from '../../worker/libraryProtocol'
import { intervalText, NUMBER_COLUMNS } from './columns'
import { listRows, matches } from './rows'

let made = 0
const run = (config: Partial<RunConfig>, changes: Partial<RunRecord> = {}): ListedRun => {
  const id = `run${String(made++).padStart(4, '0')}`
  return {
    folder: `${id}/`,
    record: {
      ...record,
      id,
      name: id,
      created: `2026-01-01T00:00:${String(made % 60).padStart(2, '0')}.000Z`,
      config: { ...DEFAULT_CONFIG, runs: '', ...config },
      ...changes,
    },
  }
}
const tested = (config: Partial<RunConfig>, testErrorRate: number) =>
  run(config, { evaluation: { testErrorRate } })
const changesOf = (rows: ReturnType<typeof listRows>) =>
  rows.map(({ changes }) => changes.map(({ name, value }) => `${name}=${value}`).join(' '))
const testError = NUMBER_COLUMNS.find(({ id }) => id === 'testError')!

describe('lines of the list', () => {
  it('say what changed against the run before in time, the first against the page’s own', () => {
    const runs = [run({ sam_rho: 0.5 }), run({ sam_rho: 0.5, run_seed: 3 }), run({ sam_rho: 0, run_seed: 3 })]
    expect(changesOf(listRows([...runs].reverse(), false))).toEqual([
      'sam_rho=0.5',
      'run_seed=3',
      'sam_rho=0',
    ])
  })

  it('are by group one for all that differ in nothing but the seed, with the runs below', () => {
    const runs = [run({ sam_rho: 0.5 }), run({ sam_rho: 0, run_seed: 1 }), run({ sam_rho: 0.5, run_seed: 1 })]
    const rows = listRows(runs, true)
    expect(rows.map((row) => row.runs.length)).toEqual([2, 1])
    expect(changesOf(rows)).toEqual(['sam_rho=0.5', 'sam_rho=0'])
    expect(changesOf([...rows[0].members!])).toEqual(['run_seed=0', 'run_seed=1'])
  })

  it('have numbers that other groups do not change', () => {
    const seeds = [0.1, 0.2, 0.3].map((error, run_seed) => tested({ run_seed }, error))
    const others = [tested({ sam_rho: 0 }, 0.9), tested({ learning_rate: 0.5 }, 0.8)]
    const text = (runs: readonly ListedRun[]) => {
      const group = listRows(runs, true).find((row) => row.runs.includes(seeds[0]))!
      return intervalText(group.runs, testError)
    }
    // mean 0.2, s = 0.1, t(0.975, 2) = 4.3027
    expect(text(seeds)).toBe('20.0 ± 24.8 %')
    expect(text([others[0], ...seeds, others[1]])).toBe('20.0 ± 24.8 %')
    expect(text([...seeds, run({ run_seed: 9 })])).toBe('20.0 ± 24.8 % (3)')
  })

  it('of forks say what they are from and what changed against that, and stand with no other run', () => {
    const parent = run({ sam_rho: 0.5 }, { name: 'quiet-bay-1' })
    const between = run({ sam_rho: 0 })
    const child = run({ sam_rho: 0.5 }, { parent: { id: parent.record.id, step: 8 } })
    const rows = listRows([parent, between, child], true)
    expect(changesOf(rows)).toEqual(['sam_rho=0.5', 'sam_rho=0', ''])
    expect(rows[2].fork).toBe('from quiet-bay-1 at step 8')
    expect(listRows([child], true)[0].fork).toBe('from a run that is gone at step 8')
  })

  it('of curves alone stand for themselves and change nothing', () => {
    const curves = { curvesOnly: true as const }
    const rows = listRows([run({}, curves), run({}, curves), run({ sam_rho: 0.5 })], true)
    expect(changesOf(rows)).toEqual(['', '', 'sam_rho=0.5'])
  })

  it('are found by words of names and notes and by settings', () => {
    const [row] = listRows([run({ sam_rho: 0.05 }, { name: 'quiet-bay-1', notes: 'Before lunch' })], true)
    expect(matches(row, '')).toBe(true)
    expect(matches(row, 'QUIET lunch')).toBe(true)
    expect(matches(row, 'sam_rho=0.05 mlp')).toBe(true)
    expect(matches(row, 'sam_rho=0.5')).toBe(false)
  })
})

it('a thousand runs are grouped in a fraction of a second', () => {
  const runs = Array.from({ length: 1000 }, (_, i) =>
    run({ run_seed: i % 5, sam_rho: Math.floor(i / 5) / 1000 }),
  )
  expect(listRows(runs, true)).toHaveLength(200)
})
