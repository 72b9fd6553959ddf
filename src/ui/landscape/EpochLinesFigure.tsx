/** The basins as they come to be: a coarse line through each run at the end of its epochs, while it trains. */
import { useMemo } from 'react'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatCount, formatNumber, formatPercent } from '../format'
import { shownRuns } from '../runs/shownRuns'
import { type LabStore, useLab } from '../store/labStore'
import { epochCsv, epochCurves } from './epochCurves'
import { rowsOf, sliceTable } from './sliceChart'

const TITLE = 'The basins, epoch by epoch'
const HEIGHT = 190
const NOWHERE = new Float64Array()

export function EpochLinesFigure() {
  const runs = useLab(shownRuns)
  const lines = useLab((lab) => lab.epochLines)
  const a = useLab((lab) => lab.aboutEpochLines?.a) ?? NOWHERE
  const note = useLab(noteOf)
  const nothing = useLab(whyNothing)
  const { older, newest } = useMemo(() => epochCurves(runs, lines, a), [runs, lines, a])
  const rows = useMemo(() => rowsOf([...older, ...newest]), [older, newest])
  const drawn = useMemo(() => [...older, ...newest].map(({ line }) => line), [older, newest])
  const files = useMemo(() => ({ csv: () => epochCsv(runs, lines, a) }), [runs, lines, a])
  const isEmpty = newest.length === 0
  const centres = newest.map(({ run, epoch, y }) => {
    const [centre, ends] = [formatNumber(y[y.length >> 1]), formatNumber((y[0] + y[y.length - 1]) / 2)]
    return `${run.label} after epoch ${formatCount(epoch)}: ${centre} at θ, ${ends} at the ends`
  })
  return (
    <Figure
      title={TITLE}
      subtitle="L(θ + a·d), the newest strong"
      description={isEmpty ? nothing : `${TITLE}. ${centres.join('; ')}.`}
      table={() => sliceTable('a', newest, formatNumber)}
      height={HEIGHT}
      empty={isEmpty}
      files={files}
      legend={runs.map((run) => {
        const epoch = newest.find((curve) => curve.run.key === run.key)?.epoch
        return {
          ...run,
          label: epoch === undefined ? run.label : `${run.label}, epoch ${formatCount(epoch)}`,
        }
      })}
    >
      {/* There from the start: while it trains, a new chart would hold the page up. */}
      {isEmpty && <p className="no-curve">{nothing}</p>}
      <LazyLineChart
        rows={rows}
        lines={drawn}
        xDomain={DOMAIN}
        xTicks={TICKS}
        xLabel="a"
        unit="number"
        log={false}
        fromZero
        height={HEIGHT}
      />
      <p className="figure-note">{note}</p>
    </Figure>
  )
}

/** As far as the lines go. */
const DOMAIN: [number, number] = [-1, 1]
const TICKS = [-1, -0.5, 0, 0.5, 1]

/** What they are of, and what they cost. */
function noteOf({ aboutEpochLines: about, epochLines }: LabStore): string {
  if (!about || about.off) return 'A coarse slice of each run, along a random direction d.'
  const { images, passed, share } = about
  const taken = Math.max(0, ...Object.values(epochLines).map((list) => list.length))
  const some = passed > 0 ? `${formatCount(taken)} of ${formatCount(taken + passed)} epochs, ` : ''
  return `On ${formatCount(images)} training images; ${some}${formatPercent(share)} of the time.`
}

/** Why nothing is drawn, in a sentence. */
function whyNothing({ aboutEpochLines, state }: LabStore): string {
  if (aboutEpochLines?.off) return aboutEpochLines.off
  const live = state === 'training' || state === 'loading' || state === 'paused'
  if (live) return 'The first after the first epoch.'
  const past = state === 'idle' || state === 'failed' ? '' : ' They are not kept with a run.'
  return `Drawn while it trains, a line an epoch.${past}`
}
