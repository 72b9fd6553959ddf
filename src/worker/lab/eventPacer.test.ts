import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LabEvent } from '../protocol'
import { EventPacer } from './eventPacer'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What of an event the pacer looks at. */
const event = (type: LabEvent['type'], more: object = {}) => ({ type, ...more }) as LabEvent
const kept = (key: string, step: number) => event('kept', { weights: { key, step } })

function listened() {
  const pacer = new EventPacer()
  const told: LabEvent[] = []
  pacer.listen((event) => told.push(event))
  return { pacer, told }
}

it('holds back what comes with evaluations, and tells it in its order', () => {
  const { pacer, told } = listened()
  const sent = [event('evaluation', { n: 1 }), event('edges'), event('evaluation', { n: 2 })]
  for (const one of sent) pacer.send(one)
  expect(told).toEqual([])
  vi.advanceTimersByTime(150)
  expect(told).toEqual(sent)
})

it('tells anything else at once, after what was held back before it', () => {
  const { pacer, told } = listened()
  const [held, hint] = [event('evaluation'), event('hint')]
  pacer.send(held)
  pacer.send(hint)
  expect(told).toEqual([held, hint])
})

it('tells a first copy of weights at once, of each run and session; of later ones the newest', () => {
  const { pacer, told } = listened()
  pacer.send(kept('a', 1))
  pacer.send(kept('b', 1))
  expect(told).toEqual([kept('a', 1), kept('b', 1)])
  for (const step of [2, 3]) pacer.send(kept('a', step))
  pacer.send(kept('b', 2))
  expect(told).toHaveLength(2)
  vi.advanceTimersByTime(150)
  expect(told.slice(2)).toEqual([kept('a', 3), kept('b', 2)])
  pacer.send(event('session'))
  pacer.send(kept('a', 4))
  expect(told.at(-1)).toEqual(kept('a', 4))
})

it('does not hold back a note about keeping, and tells nothing of a session that is gone', () => {
  const { pacer, told } = listened()
  const note = event('keeping', { news: { note: 'full' } })
  pacer.send(note)
  expect(told).toEqual([note])
  pacer.send(event('keeping', { news: {} }))
  pacer.send(event('evaluation'))
  pacer.forget()
  vi.advanceTimersByTime(1000)
  expect(told).toEqual([note])
})
