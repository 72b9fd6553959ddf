/** Everything the page says about finished or half-finished runs, as numbers: one record per run. */
import type { BasinWidth, EvalMetrics, FindingOf, RunKey } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import type { RunHistory } from '../store/history'

export interface RunSummary {
  run: ShownRun
  testError?: number
  testCount?: number
  testIsWhole: boolean
  trainError?: number
  /** Mean over the last steps: one batch says little. */
  loss?: number
  gap?: number
  memorised?: number
  /** Of a complete 1-D slice, runs on the same data at one level. */
  width?: BasinWidth
  seconds?: number
  gradientEvaluations?: number
  /** The evaluation with the smallest test error, known only afterwards. */
  best?: EvalMetrics
}

const RECENT = 50
const RECENTLY = ['loss', 'perturbedLoss', 'errorRate'] as const

export function summarise(
  runs: readonly ShownRun[],
  historyOf: (run: RunKey) => RunHistory,
  evaluations: Record<RunKey, readonly EvalMetrics[]>,
  lines: Record<RunKey, FindingOf<'line'>> | undefined,
): RunSummary[] {
  return runs.map((run) => {
    const history = historyOf(run.key)
    const list = evaluations[run.key] ?? []
    const last = list.at(-1)
    const [loss, perturbed, errorRate] = RECENTLY.map((name) => history.column(name))
    return {
      run,
      testError: last?.testErrorRate,
      testCount: last?.testCount,
      testIsWhole: last?.testIsWhole ?? false,
      trainError: last?.trainErrorRate ?? recentMean(loss.length, (i) => errorRate[i]),
      loss: recentMean(loss.length, (i) => loss[i]),
      gap: recentMean(loss.length, (i) => perturbed[i] - loss[i]),
      memorised: last?.memorised,
      width: widthOf(lines?.[run.key]),
      seconds: history.length > 0 ? history.last('seconds') : undefined,
      gradientEvaluations: history.length > 0 ? history.last('gradientEvaluations') : undefined,
      best: bestOf(list),
    }
  })
}

function widthOf(line: FindingOf<'line'> | undefined): RunSummary['width'] {
  const { level, left, right, width, clipped } = line?.values ?? {}
  return width === undefined ? undefined : ({ level, left, right, width, clipped } as BasinWidth)
}

/** Mean of the last measured of the steps' values; undefined when there are none. Looks no further back: runs are long. */
function recentMean(steps: number, at: (step: number) => number): number | undefined {
  let [sum, count] = [0, 0]
  for (let step = steps - 1; step >= 0 && count < RECENT; step--) {
    const value = at(step)
    if (!Number.isFinite(value)) continue
    sum += value
    count++
  }
  return count > 0 ? sum / count : undefined
}

function bestOf(list: readonly EvalMetrics[]): EvalMetrics | undefined {
  return list.reduce<EvalMetrics | undefined>(
    (best, metrics) => (best && best.testErrorRate <= metrics.testErrorRate ? best : metrics),
    undefined,
  )
}
