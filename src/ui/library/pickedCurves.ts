/** Curves of picked runs as rows of a chart: each group's mean with its interval, single runs thin behind it. */
import { type Band, bandOf, type CurveLines, type RunCurves } from '../../worker/libraryProtocol'
import type { Axis } from '../charts/axes'
import type { ChartLine } from '../charts/chartLines'
import { decimate } from '../charts/decimate'
import type { Row } from '../charts/rows'
import { smooth } from '../charts/smooth'
import type { DrawnGroup } from './drawnGroups'

export interface PickedCurve {
  /** Of the lines in a run's curves. */
  name: string
  title: string
  subtitle: string
  unit: 'number' | 'percent'
  /** A value now and then, which is neither smoothed nor thin. */
  sparse: boolean
}

const STEPS: readonly [string, string, string, PickedCurve['unit']][] = [
  ['loss', 'Training loss', 'L(θ)', 'number'],
  ['gap', 'Sharpness gap', 'L(θ + ε̂) − L(θ)', 'number'],
  ['errorRate', 'Training error', 'each batch', 'percent'],
  ['perturbedLoss', 'Perturbed loss', 'L(θ + ε̂)', 'number'],
  ['gradientNorm', 'Gradient norm', 'of the final gradient, after clipping', 'number'],
  ['paramNorm', 'Parameter norm', '‖θ‖', 'number'],
  ['learningRate', 'Learning rate', 'after the schedule', 'number'],
]
const EVALUATIONS: readonly [string, string, string, PickedCurve['unit']][] = [
  ['testErrorRate', 'Test error', 'clean labels', 'percent'],
  ['testLoss', 'Test loss', 'clean labels', 'number'],
  ['trainErrorRate', 'Evaluated training error', 'on the labels trained on', 'percent'],
  ['trainLoss', 'Evaluated training loss', 'on the labels trained on', 'number'],
  ['memorised', 'Wrong labels memorised', 'share that the network predicts', 'percent'],
  ['testTop5ErrorRate', 'Test top-5 error', 'clean labels', 'percent'],
  ['topEigenvalue', 'Largest eigenvalue', 'λ₁ of what is trained', 'number'],
  ['stabilityEdge', 'Edge of stability', 'of the optimizer without SAM', 'number'],
  ['samEdge', 'Edge of SAM', 'at the ‖g‖ of its step; with momentum no bound', 'number'],
  ['batchSharpness', 'Batch sharpness', 'mean of gᵀHg/‖g‖² over batches', 'number'],
]
const MAIN = ['loss', 'testErrorRate', 'gap', 'errorRate']

const curveOf =
  (sparse: boolean) =>
  ([name, title, subtitle, unit]: (typeof STEPS)[number]): PickedCurve => ({
    name,
    title,
    subtitle,
    unit,
    sparse,
  })
const KNOWN = [...STEPS.map(curveOf(false)), ...EVALUATIONS.map(curveOf(true))]

/** Of what any of the runs has: those that are always shown, and the others, tags of foreign runs last. */
export function curvesOf(curves: readonly RunCurves[]): { main: PickedCurve[]; more: PickedCurve[] } {
  const names = new Set(curves.flatMap(({ lines }) => Object.keys(lines)))
  const known = KNOWN.filter(({ name }) => names.has(name))
  const foreign = [...names]
    .filter((name) => !KNOWN.some((curve) => curve.name === name))
    .sort()
    .map((name): PickedCurve => ({ name, title: name, subtitle: '', unit: 'number', sparse: true }))
  const main = MAIN.flatMap((name) => known.find((curve) => curve.name === name) ?? [])
  // Runs that have none of the usual curves show what they have.
  if (main.length === 0) return { main: foreign.slice(0, MAIN.length), more: foreign.slice(MAIN.length) }
  return { main, more: [...known.filter((curve) => !main.includes(curve)), ...foreign] }
}

export interface GroupBand {
  group: DrawnGroup
  band: Band
  /** Each run's own. */
  singles: { x: ArrayLike<number>; y: ArrayLike<number> }[]
}

export function bandsOf(
  groups: readonly DrawnGroup[],
  curves: Readonly<Record<string, RunCurves>>,
  curve: PickedCurve,
  axis: Axis,
  smoothing: number,
): GroupBand[] {
  return groups.map((group) => {
    const lines = group.runs.flatMap(({ record }) => {
      const line = lineOf(curves[record.id]?.lines, curve.name)
      const x = line?.axes[axis]
      if (!line || !x) return []
      return [{ step: line.axes.step, x, y: curve.sparse ? line.y : smooth(line.y, smoothing) }]
    })
    return { group, band: bandOf(lines), singles: lines.length > 1 ? lines : [] }
  })
}

const lineOf = (lines: CurveLines | undefined, name: string) =>
  lines && Object.hasOwn(lines, name) ? lines[name] : undefined

/** Points drawn of a mean, and of a run behind it. */
const MEAN_POINTS = 320
const SINGLE_POINTS = 160

/** Every step is in the means; of them as many are drawn as a screen shows. */
export function rowsOf(bands: readonly GroupBand[], positive: boolean): Row[] {
  const rows = new Map<number, Row>()
  const set = (x: number, key: string, value: number) => {
    if (!Number.isFinite(value)) return
    const row: Row = rows.get(x) ?? { x }
    rows.set(x, row)
    row[key] = value
  }
  for (const { group, band, singles } of bands) {
    const { key } = group
    for (const i of decimate(band.mean, MEAN_POINTS)) {
      const [x, mean, half] = [band.x[i], band.mean[i], band.half[i]]
      if (positive && mean <= 0) continue
      set(x, key, mean)
      set(x, `${key}N`, band.n[i])
      set(x, `${key}Half`, half)
      // What a logarithmic scale cannot show lies below its lower end.
      set(x, `${key}Low`, positive ? Math.max(mean - half, TINY) : mean - half)
      set(x, `${key}High`, mean + half)
    }
    singles.forEach(({ x, y }, run) => {
      for (const i of decimate(y, SINGLE_POINTS))
        if (!positive || y[i] > 0) set(x[i], `${key}Run${run}`, y[i])
    })
  }
  return [...rows.values()].sort((a, b) => a.x - b.x)
}

const TINY = 1e-300

export function linesOf(bands: readonly GroupBand[], sparse: boolean): ChartLine[] {
  const singles = bands.flatMap(({ group, singles }) =>
    singles.map(
      (_, run): ChartLine => ({
        key: `${group.key}Run${run}`,
        className: `single-${group.key}`,
        label: group.label,
        color: group.color,
        raw: true,
      }),
    ),
  )
  const means = bands.map(({ group, singles }): ChartLine => {
    const { key, label, color, dash } = group
    const band = { low: `${key}Low`, high: `${key}High`, half: `${key}Half`, n: `${key}N` }
    return {
      key,
      className: `curve-${key}`,
      label,
      color,
      dash,
      dots: sparse,
      ...(singles.length > 0 && { band }),
    }
  })
  return [...singles, ...means]
}
