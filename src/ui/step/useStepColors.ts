/** The colours of a plain step and of SAM's: those of the runs that make them. */
import { steppedRun } from '../../core/runs/runSpec'
import { shownRuns } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import type { StepColors } from './StepDrawing'

export function useStepColors(): StepColors {
  const runs = useLab(shownRuns)
  const sgd = runs.find(({ config }) => config.sam_rho === 0)
  const stepped = steppedRun(runs)
  const sam = stepped && stepped.config.sam_rho > 0 ? stepped : undefined
  return { sgd: sgd?.textColor ?? 'var(--run-0-text)', sam: sam?.textColor ?? 'var(--run-1-text)' }
}
