/**
 * The phase plot: runs that differ in two settings as maps over both (Yang et al., 2021, Taxonomizing local versus
 * global structure in neural network loss landscapes, draw error, curvature and others over load and temperature).
 */
import { FIELD_NAMES, type FieldName, fieldMeta } from '../../core/config/schema'
import { type HeatMap, heatMapOf, type ListedRun } from '../../worker/libraryProtocol'
import { NUMBER_COLUMNS, type NumberColumn } from './columns'

const METRICS: readonly NumberColumn[] = [
  ...NUMBER_COLUMNS.filter(({ id }) => id === 'testError' || id === 'lambda1'),
  { id: 'trace', header: 'Trace', value: ({ measured }) => measured?.trace, unit: 'number' },
]

export interface Phase {
  /** To the right. */
  x: FieldName
  /** Upwards. */
  y: FieldName
  maps: { metric: NumberColumn; map: HeatMap }[]
}

/** Values that each of both settings has at least. */
const FEWEST = 2

/** Undefined unless the runs differ in two settings, beside the seed. */
export function phaseOf(runs: readonly ListedRun[]): Phase | undefined {
  const known = runs.filter(({ record }) => !record.curvesOnly)
  const varying = FIELD_NAMES.filter((name) => {
    if (name === 'run_seed' || name === 'runs' || fieldMeta(name).harmless) return false
    return new Set(known.map(({ record }) => JSON.stringify(record.config[name]))).size >= FEWEST
  })
  if (varying.length !== 2) return undefined
  const [x, y] = varying
  const maps = METRICS.flatMap((metric) => {
    const points = known.flatMap(({ record }) => {
      const value = metric.value(record)
      return value === undefined ? [] : [{ x: record.config[x], y: record.config[y], value }]
    })
    const map = heatMapOf(points)
    return map.xs.length >= FEWEST && map.ys.length >= FEWEST ? [{ metric, map }] : []
  })
  return maps.length > 0 ? { x, y, maps } : undefined
}
