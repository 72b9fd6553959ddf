/** What a measure found, as files: its main table, and all of it. */
import { useMemo } from 'react'
import { csvOf, type Finding, type MeasureId, tablesOf } from '../../worker/protocol'
import type { FigureFiles } from '../charts/FigureMenu'
import { saveMeasure } from '../store/commands'
import { useLab } from '../store/labStore'

/** @returns undefined where nothing is found yet */
export function useMeasureCsv(id: MeasureId): (() => string) | undefined {
  const findings = useLab((lab) => lab.findings[id])
  const info = useLab((lab) => lab.measures.find((one) => one.id === id))
  return useMemo(
    () => (info && findings ? () => csvOf(tablesOf(info, Object.values<Finding>(findings))[0]) : undefined),
    [info, findings],
  )
}

/** Whether the worker has it, to be saved with all that it was computed with: what came from files it has not. */
export const useCanSave = (id: MeasureId): boolean =>
  useLab(({ findings, guests }) => findings[id] !== undefined && guests.length === 0)

/** The files of a figure that has no other of its own. */
export function useMeasureFiles(id: MeasureId): FigureFiles {
  const csv = useMeasureCsv(id)
  const canSave = useCanSave(id)
  return useMemo(
    () => ({ csv, more: canSave ? [{ label: 'Save .npz', run: () => saveMeasure(id) }] : [] }),
    [id, csv, canSave],
  )
}
