/** A number of a sweep over two of its settings: the phase plot (Yang et al., 2021, taxonomy of loss landscapes). */
import { BasinError } from '../../base/errors'
import { alignedLines } from '../../base/textTable'
import { flagText } from '../../core/config/flags'
import type { FieldName, RunConfig } from '../../core/config/schema'
import { encodeCsv } from '../../core/formats/csv'
import { type Coordinate, type HeatMap, heatMapOf } from '../../core/library/heatMap'
import { METRICS, type Metric } from './job'
import type { ResultGroup } from './results'

export interface SweepHeatMap extends HeatMap {
  x: FieldName
  y: FieldName
  metric: Metric
}

/** @throws BasinError `config` where the sweep is not over both, or over a third setting too */
export function heatMap(groups: readonly ResultGroup[], x: string, y: string, metric: string): SweepHeatMap {
  if (groups.length === 0) throw new BasinError('config', 'a run that has ended, got none', 'Wait for one.')
  const over = Object.keys(groups[0].settings)
  if (over.length !== 2 || x === y || !over.includes(x) || !over.includes(y)) {
    throw new BasinError('config', `a sweep over ${x} and ${y}, got one over ${over.join(', ') || 'nothing'}`)
  }
  if (!METRICS.some((known) => known === metric)) {
    throw new BasinError('config', `metric: one of ${METRICS.join(', ')}, got ${metric}`)
  }
  const [nameX, nameY, name] = [x as FieldName, y as FieldName, metric as Metric]
  const points = groups.flatMap(({ settings, mean }) => {
    const value = mean[name] ?? Number.NaN
    return [{ x: settings[nameX]!, y: settings[nameY]!, value }]
  })
  return { x: nameX, y: nameY, metric: name, ...heatMapOf(points) }
}

const textOf = (value: Coordinate) => flagText(value as RunConfig[FieldName]) || 'none'

const SHADES = ' ░▒▓█'

/** Lines for a terminal: each cell its number and a shade, from the least to the most; large y above. */
export function heatMapText({ x, y, metric, xs, ys, values }: SweepHeatMap): string[] {
  const known = values.flat().filter((value) => !Number.isNaN(value))
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const shadeOf = (value: number) =>
    SHADES[high > low ? Math.round(((value - low) / (high - low)) * (SHADES.length - 1)) : 0]
  const cell = (value: number) =>
    Number.isNaN(value) ? '–' : `${shadeOf(value)}${shadeOf(value)} ${Number(value.toPrecision(4))}`
  const rows = ys.map((value, i) => [textOf(value), ...values[i].map(cell)]).toReversed()
  const lines = alignedLines([...rows, ['', ...xs.map(textOf)]], (column) => column === 0)
  return [`${metric}, ${y} upwards, ${x} to the right`, ...lines]
}

/** A line a cell. */
export function heatMapCsv({ x, y, metric, xs, ys, values }: SweepHeatMap): string {
  const rows = ys.flatMap((ofY, i) => xs.map((ofX, j) => [textOf(ofX), textOf(ofY), values[i][j]]))
  return encodeCsv([x, y, metric], rows)
}
