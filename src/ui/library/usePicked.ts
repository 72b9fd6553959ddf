/** The picked runs that are there, in the order of picking. */
import { useMemo } from 'react'
import type { ListedRun } from '../../worker/libraryProtocol'
import { useLibrary } from '../store/libraryStore'

export function usePicked(): readonly ListedRun[] {
  const runs = useLibrary(({ runs }) => runs)
  const ids = useLibrary(({ view }) => view.picked)
  return useMemo(() => {
    const byId = new Map(runs?.map((run) => [run.record.id, run]))
    return ids.flatMap((id) => byId.get(id) ?? [])
  }, [runs, ids])
}
