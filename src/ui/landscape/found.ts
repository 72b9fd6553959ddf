/** What a measure found, as its drawing asks for it. */
import { useMemo } from 'react'
import type { FindingOf, MeasureId, RunKey, ValuesOf } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'

export interface Found<Id extends MeasureId> {
  run: ShownRun
  values: ValuesOf<Id>
}

/** Of each run that it was taken of, in their order. */
export function useFound<Id extends MeasureId>(id: Id): readonly Found<Id>[] {
  const runs = useLab(landscapeRuns)
  const findings: Record<RunKey, FindingOf<Id>> | undefined = useLab((lab) => lab.findings[id])
  return useMemo(
    () =>
      runs.flatMap((run) => {
        const finding = findings?.[run.key]
        return finding ? [{ run, values: finding.values }] : []
      }),
    [runs, findings],
  )
}

/** The one computed last. */
export const useNewest = <Id extends MeasureId>(id: Id): FindingOf<Id> | undefined =>
  useLab((lab) => Object.values<FindingOf<Id>>(lab.findings[id] ?? {}).at(-1))
