/** What a measure found, as the text of a file: its main table. */
import { useMemo } from 'react'
import { csvOf, type Finding, type MeasureId, tablesOf } from '../../worker/protocol'
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

/** The same for a figure that has no other file of its own. */
export function useMeasureFiles(id: MeasureId) {
  const csv = useMeasureCsv(id)
  return useMemo(() => ({ csv }), [csv])
}
