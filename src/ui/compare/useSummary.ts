/** The runs' summaries, kept up to date. */
import { useMemo } from 'react'
import { histories } from '../store/history'
import { useLab } from '../store/labStore'
import { type RunSummary, summarise } from './summary'

export function useSummary(): RunSummary[] {
  const session = useLab((lab) => lab.session)
  const evaluations = useLab((lab) => lab.evaluations)
  const lines = useLab((lab) => lab.lines)
  const version = useLab((lab) => lab.historyVersion)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the histories' content
  return useMemo(
    () => summarise(session, histories, evaluations, lines),
    [session, evaluations, lines, version],
  )
}
