import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { type MetricColumns, STEP_COLUMNS } from '../../worker/protocol'
import { shownRuns } from '../runs/shownRuns'
import { type MetricName, RunHistory } from '../store/history'
import { summarise } from './summary'

const [run] = shownRuns({ config: DEFAULT_CONFIG })

/** What is said of a run of these values, step by step; those that are not named are 0. */
function summaryOf(steps: Partial<Record<MetricName, number>>[]) {
  const history = new RunHistory()
  const columns = STEP_COLUMNS.map((name) => [
    name,
    Float64Array.from(steps, ({ [name]: value = 0 }) => value),
  ])
  history.append(Object.fromEntries(columns) as MetricColumns)
  return summarise([run], () => history, {}, undefined)[0]
}

describe('what is said of steps', () => {
  it('is the mean of the last 50', () => {
    const { loss, trainError } = summaryOf(
      Array.from({ length: 200 }, (_, i) => ({ loss: i, errorRate: i < 150 ? 1 : 0.25 })),
    )
    expect(loss).toBe(174.5)
    expect(trainError).toBe(0.25)
  })

  it('passes over what was not measured, however long ago the last measure was', () => {
    // SGD looks uphill at some steps alone.
    const measured = (i: number) => i % 5 === 0
    const { gap } = summaryOf(
      Array.from({ length: 1000 }, (_, i) => ({
        loss: 1,
        perturbedLoss: measured(i) ? 1 + (i < 750 ? 9 : 0.5) : Number.NaN,
      })),
    )
    expect(gap).toBe(0.5)
  })

  it('is nothing where nothing was measured', () => {
    expect(summaryOf([]).loss).toBeUndefined()
    expect(summaryOf([{ perturbedLoss: Number.NaN }]).gap).toBeUndefined()
  })
})
