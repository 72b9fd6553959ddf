/** The way from the end of a run to its basins: there at once, and what is missing is computed. */
import { shownRuns } from '../runs/shownRuns'
import { compute } from '../store/commands'
import { useLab } from '../store/labStore'

/** In the order in which they say most. */
const BASINS = ['line', 'surface'] as const

export async function showBasins(): Promise<void> {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const title = document.getElementById('basins-title')
  title?.scrollIntoView({ behavior: still ? 'auto' : 'smooth' })
  // They stand on two pages.
  if (!title) location.hash = 'landscape'
  for (const id of BASINS) {
    const lab = useLab.getState()
    if (lab.job) return
    if (shownRuns(lab).some(({ key }) => !isWhole(lab.findings[id]?.[key]?.values.loss))) await compute(id)
  }
}

const isWhole = (loss: Float64Array | undefined) => loss?.every(Number.isFinite) === true
