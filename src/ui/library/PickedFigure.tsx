/** One curve of all picked runs. */
import { useMemo } from 'react'
import { thinned } from '../../base/thinned'
import { encodeCsv } from '../../core/formats/csv'
import { AXES, type Axis } from '../charts/axes'
import { Figure, type FigureTable } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatCount, formatInterval, formatNumber } from '../format'
import { useLibrary } from '../store/libraryStore'
import type { DrawnGroup } from './drawnGroups'
import { bandsOf, type GroupBand, linesOf, type PickedCurve, rowsOf } from './pickedCurves'

const HEIGHT = 220
const TABLE_ROWS = 12
/** So many are read at a glance; the table has them all. */
const MOST_NUMBERS = 12

interface PickedFigureProps {
  curve: PickedCurve
  groups: readonly DrawnGroup[]
  axis: Axis
  smoothing: number
  log: boolean
}

export function PickedFigure({ curve, groups, axis, smoothing, log }: PickedFigureProps) {
  const curves = useLibrary(({ curves }) => curves)
  const bands = useMemo(
    () => bandsOf(groups, curves, curve, axis, smoothing),
    [groups, curves, curve, axis, smoothing],
  )
  const rows = useMemo(() => rowsOf(bands, log), [bands, log])
  const lines = useMemo(() => linesOf(bands, curve.sparse), [bands, curve])
  const numbers = bands.map((band) => ({
    run: { ...band.group, label: labelOf(band) },
    text: textAt(band, band.band.x.length - 1, curve.unit),
  }))
  const files = useMemo(() => ({ csv: () => csvOf(bands, AXES[axis]) }), [bands, axis])
  const now = numbers
    .slice(0, MOST_NUMBERS)
    .map(({ run, text }) => `${run.label}: ${text}`)
    .join('; ')
  return (
    <Figure
      title={curve.title}
      subtitle={curve.subtitle}
      numbers={numbers.length > MOST_NUMBERS ? undefined : numbers}
      description={`${curve.title} over ${AXES[axis]}, means with their 95 % intervals. At the end: ${now}.`}
      table={() => tableOf(bands, AXES[axis], curve.unit)}
      height={HEIGHT}
      empty={rows.length === 0}
      files={files}
    >
      {rows.length > 0 ? (
        <LazyLineChart
          rows={rows}
          lines={lines}
          xDomain={[0, rows[rows.length - 1].x || 1]}
          xLabel={AXES[axis]}
          unit={curve.unit}
          log={log}
          fromZero={curve.name !== 'paramNorm'}
          height={HEIGHT}
        />
      ) : (
        <div className="empty" style={{ height: HEIGHT }}>
          Not over {AXES[axis]}
        </div>
      )}
    </Figure>
  )
}

/** Every mean with half of its interval, and of how many runs it is. */
function csvOf(bands: readonly GroupBand[], axis: string): string {
  function* rows() {
    for (const { group, band } of bands)
      for (let i = 0; i < band.x.length; i++)
        yield [group.label, band.x[i], band.mean[i], band.half[i], band.n[i]]
  }
  return encodeCsv(['runs', axis, 'mean', 'half of the 95 % interval', 'N'], rows())
}

type Unit = PickedCurve['unit']

/** At a place of the band. */
function textAt({ band }: GroupBand, i: number, unit: Unit): string {
  if (i < 0) return '–'
  const half = Number.isFinite(band.half[i]) ? band.half[i] : undefined
  return formatInterval(band.mean[i], half, unit)
}

/** `SAM, N = 5`, where fewer reach the end `SAM, N = 5, 3 at the end` */
function labelOf({ group, band }: GroupBand): string {
  const { label, runs } = group
  if (runs.length === 1) return label
  const atEnd = band.n.at(-1) ?? 0
  return `${label}, N = ${runs.length}${atEnd < runs.length ? `, ${atEnd} at the end` : ''}`
}

/** What each group's mean is at places spread evenly over the longest. */
function tableOf(bands: readonly GroupBand[], axis: string, unit: Unit): FigureTable {
  const header = [axis, ...bands.map(labelOf)]
  const longest = bands.reduce((a, b) => (b.band.x.length > a.band.x.length ? b : a)).band.x
  const rows = thinned([...longest], TABLE_ROWS).map((at) => [
    Number.isInteger(at) ? formatCount(at) : formatNumber(at),
    ...bands.map((band) => textWithN(band, indexAt(band.band.x, at), unit)),
  ])
  return { header, rows }
}

/** `18.7 ± 0.4 % (5)` */
function textWithN(band: GroupBand, i: number, unit: Unit): string {
  const text = textAt(band, i, unit)
  return i >= 0 && band.group.runs.length > 1 ? `${text} (${band.band.n[i]})` : text
}

/** The last place at or before; −1 where there is none, or the line has ended. */
function indexAt(x: Float64Array, at: number): number {
  if (x.length === 0 || x[x.length - 1] < at) return -1
  return x.findLastIndex((place) => place <= at)
}
