import { expect, it } from 'vitest'
import { type MetricColumns, STEP_COLUMNS } from '../../worker/protocol'
import { RunHistory } from '../store/history'
import { gradientsPerSecond } from './speed'

/** So many steps of a cost in gradients, each as long. */
function trained(steps: number, cost: number, seconds: number): RunHistory {
  const column = (each: number) => Float64Array.from({ length: steps }, (_, i) => (i + 1) * each)
  const columns = Object.fromEntries(
    STEP_COLUMNS.map((name) => [name, column(1)]),
  ) as unknown as MetricColumns
  const history = new RunHistory()
  history.append({ ...columns, gradientEvaluations: column(cost), seconds: column(seconds) })
  return history
}

it('counts the gradients of all runs over the seconds of all runs', () => {
  expect(gradientsPerSecond([trained(50, 1, 0.1), trained(50, 2, 0.2)])).toBeCloseTo(10, 9)
  expect(gradientsPerSecond([trained(400, 2, 0.5), trained(1, 1, 9)])).toBeCloseTo(4, 9)
  expect(gradientsPerSecond([trained(1, 1, 1)])).toBe(0)
})
