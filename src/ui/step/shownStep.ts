/** The step that is shown: of the session's network where one was measured, before it an example that was. */
import { useMemo } from 'react'
import { steppedRun } from '../../core/runs/runSpec'
import { displaySurface, type Surface } from '../landscape/displaySurface'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { type LabStore, useLab } from '../store/labStore'
import { EXAMPLE } from './example'
import type { StepValues } from './stepPicture'

export interface ShownStep {
  values: StepValues
  surface: Surface
  /** Whose step it is; undefined: the example's. */
  run?: ShownRun
}

/** The run whose steps are shown. */
export const shownRun = (lab: Pick<LabStore, 'session' | 'config'>): ShownRun => steppedRun(shownRuns(lab))!

export function useShownStep(): ShownStep {
  const run = useLab(shownRun)
  const own = useLab((lab) => lab.findings.step?.[run.key])
  return useMemo(() => {
    const surface = own && displaySurface(own.values)
    return surface ? { values: own.values, surface, run } : example()
  }, [own, run])
}

let drawn: ShownStep | undefined
function example(): ShownStep {
  drawn ??= { values: EXAMPLE, surface: displaySurface(EXAMPLE)! }
  return drawn
}
