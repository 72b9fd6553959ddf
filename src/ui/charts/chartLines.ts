/** What a line chart draws, and how a run's lines look in all of them. */
import type { ShownRun } from '../runs/shownRuns'

export interface ChartLine {
  /** Key of the rows. */
  key: string
  /** Class of the line; the journeys and the style sheet know `curve-<key of the run>`, `curve-path`. */
  className: string
  label: string
  color: string
  /** As in `stroke-dasharray`; absent: a whole line. */
  dash?: string
  /** Faint line behind, which no reading names: unsmoothed values, what was before. */
  raw?: boolean
  /** Of a faint line, where it is not that of all. */
  opacity?: number
  /** Marks each point: few values, measured now and then. */
  dots?: boolean
  /** Keys of rows between whose values the interval of a mean lies, and of how many runs it is. */
  band?: { low: string; high: string; half: string; n: string }
}

/** A run's strong line. */
export function runLine({ key, label, color, dash }: ShownRun, dots = false): ChartLine {
  return { key, className: `curve-${key}`, label, color, dash, dots }
}

/** A run's unsmoothed values, faint and behind. */
export function rawLine({ key, label, color }: ShownRun): ChartLine {
  return { key: `${key}Raw`, className: `raw-${key}`, label: `${label} raw`, color, raw: true }
}
