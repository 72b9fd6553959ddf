/** What a line chart draws, and how the two runs' lines look in all of them. */
import type { RunId } from '../../worker/protocol'
import { RUN_LABEL } from '../format'

export interface ChartLine {
  /** Key of the rows. */
  key: string
  /** Class of the line; the journeys and the style sheet know `curve-sgd`, `curve-sam`, `curve-path`. */
  className: string
  label: string
  color: string
  dashed?: boolean
  /** Faint line behind: unsmoothed values. */
  raw?: boolean
  /** Marks each point: few values, measured now and then. */
  dots?: boolean
}

/** A run's strong line; SAM is dashed as well as blue. */
export function runLine(run: RunId, dots = false): ChartLine {
  return {
    key: run,
    className: `curve-${run}`,
    label: RUN_LABEL[run],
    color: `var(--run-${run})`,
    dashed: run === 'sam',
    dots,
  }
}

/** A run's unsmoothed values, faint and behind. */
export function rawLine(run: RunId): ChartLine {
  return {
    ...runLine(run),
    key: `${run}Raw`,
    className: `raw-${run}`,
    raw: true,
    label: `${RUN_LABEL[run]} raw`,
  }
}
