/** How fast runs are trained here, in gradient evaluations: what the next ones of their kind will take follows. */
import type { RunSpec } from '../../core/runs/runSpec'
import type { RunHistory } from '../store/history'

/** Old steps say little of the speed now. */
const RECENT = 100

/** Over the last steps; a run's seconds are its share of the session's. 0 before there are two steps. */
export function gradientsPerSecond(histories: readonly RunHistory[]): number {
  let gradients = 0
  let seconds = 0
  for (const history of histories) {
    if (history.length < 2) continue
    const since = (name: 'gradientEvaluations' | 'seconds') =>
      history.last(name) - history.column(name)[Math.max(0, history.length - 1 - RECENT)]
    gradients += since('gradientEvaluations')
    seconds += since('seconds')
  }
  return seconds > 0 ? gradients / seconds : 0
}

/** What a gradient costs depends on: equal texts, equal costs. */
export const kindOf = (runs: readonly Pick<RunSpec, 'config'>[]): string =>
  [
    ...new Set(
      runs.map(
        ({ config: { model_name, batch_size, full_batch, num_train_examples } }) =>
          `${model_name} ${batch_size}${full_batch ? ` of ${num_train_examples}` : ''}`,
      ),
    ),
  ].join()
