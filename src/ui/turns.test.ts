import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Turns } from './turns'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('everyone who asks has a turn, however often the others ask', () => {
  const turns = new Turns(10)
  const done: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map((name) => () => done.push(name))
  for (const one of [a, b, c]) turns.ask(one)
  turns.ask(a)
  vi.advanceTimersByTime(9)
  expect(done).toEqual([])
  vi.advanceTimersByTime(1)
  expect(done).toEqual(['a'])
  turns.ask(a)
  vi.advanceTimersByTime(100)
  expect(done).toEqual(['a', 'b', 'c', 'a'])
  turns.ask(b)
  vi.advanceTimersByTime(10)
  expect(done.at(-1)).toBe('b')
})

it('what is taken back is not done, and holds nobody up', () => {
  const turns = new Turns(10)
  const done: string[] = []
  turns.ask(() => done.push('a'))()
  turns.ask(() => done.push('b'))
  vi.advanceTimersByTime(10)
  expect(done).toEqual(['b'])
})
