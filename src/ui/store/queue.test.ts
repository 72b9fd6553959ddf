import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { clearQueue, dropItem, moveItem, secondsLeft, useQueue } from './queue'
import type { QueueItem } from './queueItems'

const item = (id: string, changes: Partial<QueueItem> = {}): QueueItem => ({
  id,
  config: DEFAULT_CONFIG,
  state: 'waiting',
  ...changes,
})
const done = item('a', {
  state: 'done',
  started: '2026-01-01T00:00:00.000Z',
  ended: '2026-01-01T00:00:40.000Z',
})
const set = (items: QueueItem[]) => useQueue.setState({ items })
const ids = () => useQueue.getState().items.map(({ id }) => id)

describe('the queue', () => {
  it('says how long it takes by how long what ended took', () => {
    expect(secondsLeft([item('a'), item('b')], 3)).toBeUndefined()
    expect(secondsLeft([done, item('b', { state: 'training' }), item('c')], 10)).toBe(50)
    expect(secondsLeft([done, item('b', { state: 'training' }), item('c')], undefined)).toBe(80)
    expect(secondsLeft([done], undefined)).toBe(0)
  })

  it('is ordered among what waits alone', () => {
    set([done, item('b', { state: 'training' }), item('c'), item('d')])
    moveItem('d', -1)
    expect(ids()).toEqual(['a', 'b', 'd', 'c'])
    moveItem('d', -1)
    moveItem('c', 1)
    moveItem('b', 1)
    expect(ids()).toEqual(['a', 'b', 'd', 'c'])
  })

  it('is cut, but for what trains', () => {
    set([done, item('b', { state: 'training' }), item('c')])
    dropItem('b')
    dropItem('c')
    expect(ids()).toEqual(['a', 'b'])
    clearQueue()
    expect(ids()).toEqual(['b'])
  })
})
