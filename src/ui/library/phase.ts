/**
 * The phase plot: runs that differ in two settings as maps over both (Yang et al., 2021, Taxonomizing local versus
 * global structure in neural network loss landscapes, draw error, curvature and others over load and temperature).
 */
import { FIELD_NAMES, type FieldName, fieldMeta } from '../../core/config/schema'
import { type HeatMap, heatMapOf, type ListedRun, type RunRecord } from '../../worker/libraryProtocol'
import { formatNumber, formatPercent } from '../format'

interface PhaseMetric {
  id: string
  title: string
  value(record: RunRecord): number | undefined
  text(value: number): string
}

const METRICS: readonly PhaseMetric[] = [
  {
    id: 'testError',
    title: 'Test error',
    value: ({ evaluation }) => evaluation?.testErrorRate,
    text: formatPercent,
  },
  { id: 'lambda1', title: 'λ₁', value: ({ measured }) => measured?.lambda1, text: formatNumber },
  { id: 'trace', title: 'Trace', value: ({ measured }) => measured?.trace, text: formatNumber },
]

export interface Phase {
  /** To the right. */
  x: FieldName
  /** Upwards. */
  y: FieldName
  maps: { metric: PhaseMetric; map: HeatMap }[]
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
