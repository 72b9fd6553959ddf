import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryRunFiles } from './memoryFiles.testing'
import type { RunRecord } from './record'
import { writeRecord } from './record'
import { CHECKPOINT_SHARE, type HeldCheckpoints, heldCheckpoints, oldestFor, toLetGo } from './retention'
import { record } from './run.testing'

const held = (day: number, bytes: number, changes: Partial<RunRecord> = {}): HeldCheckpoints => ({
  record: {
    ...record,
    id: `run-${day}`,
    state: 'finished',
    updated: `2026-01-0${day}T00:00:00.000Z`,
    ...changes,
  },
  keys: [`run-${day}/checkpoints/a`],
  bytes,
})
const days = (going: readonly HeldCheckpoints[] | undefined) => going?.map(({ record: { id } }) => id)

describe('room for checkpoints', () => {
  const old = [held(3, 10), held(1, 10), held(2, 10)]

  it('is there while all of them together keep to their part of what is granted', () => {
    expect(toLetGo(old, { need: 20, granted: 100, used: 40 })).toEqual([])
  })

  it('is made by the oldest, and by no more than it takes', () => {
    expect(days(toLetGo(old, { need: 30, granted: 100, used: 40 }))).toEqual(['run-1'])
    expect(days(toLetGo(old, { need: 35, granted: 100, used: 40 }))).toEqual(['run-1', 'run-2'])
  })

  it('is made where data sets have taken what is granted', () => {
    expect(days(toLetGo(old, { need: 5, granted: 100, used: 98 }))).toEqual(['run-1'])
  })

  it('is never made of what is pinned or still going', () => {
    const kept = [held(1, 10, { pinned: true }), held(2, 10, { state: 'interrupted' }), held(3, 10)]
    expect(days(toLetGo(kept, { need: 30, granted: 100, used: 30 }))).toEqual(['run-3'])
    expect(toLetGo(kept, { need: 45, granted: 100, used: 30 })).toBeUndefined()
  })

  it('is refused where nothing that may go is enough', () => {
    expect(toLetGo(old, { need: 60, granted: 100, used: 30 })).toBeUndefined()
    expect(days(oldestFor(old, 60))).toEqual(['run-1', 'run-2', 'run-3'])
  })

  it('afterwards suffices, whatever lies there', () => {
    const one = fc.record({ day: fc.integer({ min: 1, max: 9 }), bytes: fc.nat(50), pinned: fc.boolean() })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.nat(60), fc.nat(200), (some, need, granted) => {
        const all = some.map(({ day, bytes, pinned }) => held(day, bytes, { pinned }))
        const sum = all.reduce((total, { bytes }) => total + bytes, 0)
        const going = toLetGo(all, { need, granted, used: sum })
        if (!going) return
        const left = sum - going.reduce((total, { bytes }) => total + bytes, 0)
        expect(left + need).toBeLessThanOrEqual(Math.max(CHECKPOINT_SHARE * granted, 0) + 1e-9)
        expect(going.every(({ record: { pinned } }) => !pinned)).toBe(true)
      }),
    )
  })

  it('is counted over what lies there, the extra ones too; curves do not count', async () => {
    const files = new MemoryRunFiles()
    for (const [name, bytes] of [
      ['run.json', writeRecord(record)],
      ['metrics.csv', new Uint8Array(1000)],
      ['checkpoints/checkpoint_0.safetensors', new Uint8Array(5)],
      ['checkpoints/additional_ckpt_0/checkpoint_0.safetensors', new Uint8Array(7)],
    ] as const)
      await files.put(`abcd1234/${name}`, bytes)
    const [one] = await heldCheckpoints(files)
    expect(one).toMatchObject({ bytes: 12, record: { id: 'abcd1234' } })
    expect(one.keys).toHaveLength(2)
  })
})
