/** Lines through the runs at the end of epochs, laid over each other: the newest strong, older ones the fainter. */
import { thinned } from '../../base/thinned'
import { encodeCsv } from '../../core/formats/csv'
import type { RunKey } from '../../worker/protocol'
import { type ChartLine, runLine } from '../charts/chartLines'
import type { ShownRun } from '../runs/shownRuns'
import type { EpochLine } from '../store/labStore'
import type { Curve } from './sliceChart'

/** Older lines that are drawn, of all runs together. */
const MOST_OLDER = 16
/** Of the oldest line, and of the newest but one. */
const FAINTEST = 0.14
const FAINT = 0.5

export type EpochLines = Readonly<Record<RunKey, readonly EpochLine[]>>

export interface EpochCurve extends Curve {
  run: ShownRun
  epoch: number
  line: ChartLine
}

/** Faint ones first, so that the newest lie over them. */
export function epochCurves(
  runs: readonly ShownRun[],
  lines: EpochLines,
  a: Float64Array,
): { older: EpochCurve[]; newest: EpochCurve[] } {
  const some = runs.flatMap((run) => (lines[run.key]?.length ? [{ run, own: lines[run.key] }] : []))
  const most = Math.max(1, Math.floor(MOST_OLDER / Math.max(1, some.length)))
  const curveOf = (run: ShownRun, { epoch, loss }: EpochLine, line: ChartLine): EpochCurve => {
    return { key: line.key, name: run.label, at: a, y: loss, run, epoch, line }
  }
  const older = some.flatMap(({ run, own }) => {
    const shown = thinned(own.slice(0, -1), most)
    return shown.map((one, i) => {
      const key = `${run.key}@${one.epoch}`
      const age = shown.length > 1 ? i / (shown.length - 1) : 1
      const opacity = FAINTEST + (FAINT - FAINTEST) * age
      return curveOf(run, one, { ...runLine(run), key, className: `past-${run.key}`, raw: true, opacity })
    })
  })
  const newest = some.map(({ run, own }) => curveOf(run, own[own.length - 1], runLine(run)))
  return { older, newest }
}

/** All of them, a line a place. */
export function epochCsv(runs: readonly ShownRun[], lines: EpochLines, a: Float64Array): string {
  const rows = runs.flatMap(({ key }) =>
    (lines[key] ?? []).flatMap(({ epoch, loss }) => [...loss].map((value, i) => [key, epoch, a[i], value])),
  )
  return encodeCsv(['run', 'epoch', 'a', 'loss'], rows)
}
