/**
 * A measure that was cut off by a closed tab: remembered in the records of the runs that it is of, from when it has taken
 * a while until it is done or somebody cancels it, so that it goes on when they stand again.
 */
import { type MeasureId, measureOf } from '../../core/landscape/measures'
import type { MeasureProgress } from '../../core/landscape/measures/measure'
import { checkedSettings } from '../../core/landscape/measures/request'
import type { RunDocument } from '../../core/library/document'
import type { RunRecord } from '../../core/library/record'
import type { RunKey } from '../../core/runs/metrics'
import type { UnfinishedMeasure } from '../protocol'

/** Where what a measure has come to is remembered. */
export interface Reminder {
  /** What was found so far is kept by then. */
  reached(runs: readonly RunKey[], measure: { id: string; settings: object }, progress: MeasureProgress): void
  /** It is done, or not wanted any more. */
  over(): void
}

type Remembered = NonNullable<RunRecord['unfinished']>

/** @param mark has the runs found at the next opening */
export function reminderOf(
  documents: ReadonlyMap<RunKey, RunDocument>,
  stepOf: (run: RunKey) => number,
  mark: () => void,
): Reminder {
  return {
    reached(runs, { id, settings }, { done, total }) {
      const own = runs.flatMap((run) => documents.get(run) ?? [])
      if (own.length < runs.length) return
      const unfinished: Remembered = {
        measure: id,
        settings: { ...settings },
        runs: own.map(({ record }, i) => ({ id: record.id, step: stepOf(runs[i]) })),
        done,
        total,
      }
      for (const document of own) document.save({ unfinished })
      mark()
    },
    over() {
      for (const document of documents.values())
        if (document.record.unfinished) document.save({ unfinished: undefined })
    },
  }
}

/** Of runs that stand here, by their keys: the one that is left, if all of its runs are as they were. */
export function unfinishedOf(documents: ReadonlyMap<RunKey, RunDocument>): UnfinishedMeasure | undefined {
  for (const { record } of documents.values()) {
    const left = record.unfinished
    const runs = left?.runs.flatMap(({ id, step }) =>
      [...documents].flatMap(([key, { record: one }]) => (one.id === id && one.step === step ? [key] : [])),
    )
    if (!left || runs?.length !== left.runs.length) continue
    const settings = known(left)
    if (!settings) continue
    const ids = [...documents.values()].map((document) => document.record.id)
    const { done, total } = left
    return { id: left.measure as MeasureId, settings, runs, ids, done, total }
  }
  return undefined
}

/** Its settings, where there is such a measure here. */
function known({ measure, settings }: Remembered): Record<string, unknown> | undefined {
  try {
    return checkedSettings(measureOf(measure), settings)
  } catch {
    return undefined
  }
}
