import { describe, expect, it } from 'vitest'
import { runsText } from '../../core/config/runList'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import {
  entriesOf,
  isFull,
  moved,
  renamed,
  rowsOf,
  settingsText,
  withAnother,
  withCopyOf,
  withEqualCost,
  without,
  withSetting,
} from './runEntries'

const config = (changes: Partial<RunConfig> = {}): RunConfig => ({ ...DEFAULT_CONFIG, ...changes })
const said = (changes: Partial<RunConfig>) =>
  rowsOf(config(changes)).map((row) => `${row.run.label}: ${settingsText(row)}`)

describe('the control of equal cost', () => {
  const added = (changes: Partial<RunConfig>) => {
    const entries = withEqualCost(config(changes), () => 78)
    return entries && runsText(entries)
  }

  it('is SGD for as many gradients as the costliest run, once', () => {
    const runs = 'sam_rho:0;;SGD%2C equal cost=sam_rho:0,num_epochs:60'
    expect(added({})).toBe(runs)
    expect(added({ runs })).toBeUndefined()
    expect(added({ runs: 'sam_rho:0;batch_size:32' })).toBe(
      'sam_rho:0;batch_size:32;SGD%2C equal cost=batch_size:32,sam_rho:0,num_epochs:60',
    )
    expect(added({ sam_rho: 0 })).toBeUndefined()
  })
})

describe('the list of runs', () => {
  it('says of each what sets it apart', () => {
    expect(said({})).toEqual(['SGD: ρ 0', 'SAM: as set here: ρ 0.2'])
    expect(said({ runs: '' })).toEqual(['SAM: as set here'])
    expect(said({ runs: 'sam_rho:0,learning_rate:0.05;Mine=sam_rho:0.1' })).toEqual([
      'SGD: ρ 0, learning rate 0.05',
      'Mine: ρ 0.1',
    ])
  })

  it('says which ask for the same numbers', () => {
    expect(said({ sam_rho: 0 })).toEqual(['SGD: ρ 0', 'SGD: the same as SGD: trained once'])
    expect(rowsOf(config({ sam_rho: 0 })).map(({ isRepeat }) => isRepeat)).toEqual([false, true])
  })

  it('knows the name that a run has of itself', () => {
    const rows = rowsOf(config({ runs: 'A=sam_rho:0.1;B=sam_rho:0.2;sam_rho:0' }))
    expect(rows.map(({ run, ownName }) => [run.label, ownName])).toEqual([
      ['A', 'SAM 0.1'],
      ['B', 'SAM 0.2'],
      ['SGD', 'SGD'],
    ])
  })

  it('grows by the next radius that nobody has', () => {
    const grown = (runs: string) => runsText(withAnother(config({ runs })))
    expect(grown('sam_rho:0;')).toBe('sam_rho:0;;sam_rho:0.5')
    expect(grown('sam_rho:0;sam_rho:0.05')).toBe('sam_rho:0;sam_rho:0.05;sam_rho:0.1')
    expect(grown('sam_rho:10;A=sam_rho:5,num_epochs:3')).toBe(
      'sam_rho:10;A=sam_rho:5,num_epochs:3;sam_rho:0.01,num_epochs:3',
    )
    expect(isFull(entriesOf(config({ runs: ';'.repeat(7) })))).toBe(true)
    expect(isFull(entriesOf(config({ runs: ';'.repeat(6) })))).toBe(false)
  })

  it('is edited', () => {
    const entries = entriesOf(config({ runs: 'sam_rho:0;Mine=;sam_rho:0.1' }))
    expect(runsText(withCopyOf(entries, 1))).toBe('sam_rho:0;Mine=;;sam_rho:0.1')
    expect(runsText(without(entries, 0))).toBe('Mine=;sam_rho:0.1')
    expect(runsText(moved(entries, 2, 0))).toBe('sam_rho:0.1;sam_rho:0;Mine=')
    expect(runsText(moved(entries, 0, 1))).toBe('Mine=;sam_rho:0;sam_rho:0.1')
    expect(runsText(renamed(entries, 0, ' plain ', 'SGD'))).toBe('plain=sam_rho:0;Mine=;sam_rho:0.1')
    expect(runsText(renamed(entries, 1, '', 'SAM 0.2'))).toBe('sam_rho:0;;sam_rho:0.1')
    expect(runsText(withSetting(entries, 1, 'num_epochs', 5))).toBe('sam_rho:0;Mine=num_epochs:5;sam_rho:0.1')
    expect(runsText(withSetting(entries, 2, 'sam_rho', undefined))).toBe('sam_rho:0;Mine=;')
  })
})
