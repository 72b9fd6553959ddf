/** The runs' summaries, kept up to date. */
import { useMemo } from 'react'
import { shownRuns } from '../runs/shownRuns'
import { historyOf } from '../store/history'
import { useLab } from '../store/labStore'
import { type RunSummary, summarise } from './summary'

export function useSummary(): RunSummary[] {
  const hasSession = useLab((lab) => lab.session !== undefined)
  const runs = useLab(shownRuns)
  const evaluations = useLab((lab) => lab.evaluations)
  const lines = useLab((lab) => lab.findings.line)
  const version = useLab((lab) => lab.historyVersion)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the histories' content
  return useMemo(
    () => (hasSession ? summarise(runs, historyOf, evaluations, lines) : []),
    [hasSession, runs, evaluations, lines, version],
  )
}
