import { describe, expect, it } from 'vitest'
import { type MetricColumns, STEP_COLUMNS } from '../../worker/protocol'
import { forgetHistories, historyOf, RunHistory } from './history'

function steps(from: number, count: number): MetricColumns {
  const column = Float64Array.from({ length: count }, (_, i) => from + i)
  return Object.fromEntries(STEP_COLUMNS.map((name) => [name, column])) as unknown as MetricColumns
}

describe('RunHistory', () => {
  it('keeps every step through growth', () => {
    const history = new RunHistory()
    for (let at = 0; at < 5000; at += 7) history.append(steps(at, 7))
    const loss = history.column('loss')
    expect(loss).toHaveLength(history.length)
    expect(loss.every((value, i) => value === i)).toBe(true)
  })

  it('is one per run, and empty again when all are forgotten', () => {
    historyOf('a').append(steps(0, 3))
    expect(historyOf('b').last('loss')).toBeNaN()
    expect(historyOf('a').last('loss')).toBe(2)
    forgetHistories()
    historyOf('a').append(steps(10, 1))
    expect([...historyOf('a').column('step')]).toEqual([10])
  })
})
