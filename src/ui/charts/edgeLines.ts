/** λ₁ and what it is held against, as lines of a chart: a run's in its colour, told apart by their dashes. */
import { type EdgeMetrics, edgeOptimizerOf } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import type { Axis } from './axes'
import type { ChartLine } from './chartLines'
import type { Row } from './rows'

export interface EdgeQuantity {
  key: 'topEigenvalue' | 'stabilityEdge' | 'samEdge' | 'batchSharpness'
  /** Of a line and a column. */
  name: string
  dash?: string
  dots?: boolean
}

export const QUANTITIES: readonly EdgeQuantity[] = [
  { key: 'topEigenvalue', name: 'λ₁', dots: true },
  { key: 'stabilityEdge', name: 'edge', dash: '7 5' },
  { key: 'samEdge', name: 'SAM’s edge', dash: '2 4' },
  { key: 'batchSharpness', name: 'batch sharpness', dash: '10 3 2 3', dots: true },
]

/** With momentum SAM's edge is another thing, and is called so. */
export const nameOf = ({ key, name }: EdgeQuantity, { config }: Pick<ShownRun, 'config'>): string =>
  key === 'samEdge' && config.momentum > 0 ? 'SAM’s value for a frozen ‖g‖' : name

export interface RunEdgeLine {
  run: ShownRun
  quantity: EdgeQuantity
  metrics: readonly EdgeMetrics[]
  /** Other runs have the same: it is drawn once, in ink. */
  isShared: boolean
}

/** Of every run what was measured; an edge that several have is one line. */
export function edgeLines(
  runs: readonly ShownRun[],
  edges: Readonly<Record<string, readonly EdgeMetrics[]>>,
): RunEdgeLine[] {
  const lines = runs.flatMap((run) => {
    const metrics = edges[run.key] ?? []
    return QUANTITIES.filter(({ key }) => metrics.some((one) => one[key] !== undefined)).map(
      (quantity): RunEdgeLine => ({ run, quantity, metrics, isShared: false }),
    )
  })
  const plain = lines.filter(({ quantity }) => quantity.key === 'stabilityEdge')
  const isCommon = plain.length > 1 && plain.every((line) => isSame(line, plain[0]))
  if (!isCommon) return lines
  // Of a run that has come further it is the longer one.
  const [longest] = [...plain].sort((a, b) => b.metrics.length - a.metrics.length)
  const own = lines.filter((line) => !plain.includes(line))
  return [...own, { ...longest, isShared: true }]
}

/** At the same steps, or at one rate all along. */
const isSame = (a: RunEdgeLine, b: RunEdgeLine): boolean =>
  (constantOf(a) !== undefined && constantOf(a) === constantOf(b)) ||
  a.metrics.every((one, i) => {
    const other = b.metrics[i]
    return !other || (one.step === other.step && one.stabilityEdge === other.stabilityEdge)
  })

function constantOf({ metrics }: RunEdgeLine): number | undefined {
  const [first] = metrics
  return metrics.every((one) => one.stabilityEdge === first.stabilityEdge) ? first.stabilityEdge : undefined
}

const keyOf = ({ run, quantity, isShared }: RunEdgeLine): string => {
  if (isShared) return quantity.key
  return quantity.key === 'topEigenvalue' ? run.key : `${run.key}-${quantity.key}`
}

/** As a line and a column are called. */
export const labelOf = ({ run, quantity, isShared }: RunEdgeLine): string =>
  isShared ? quantity.name : `${run.label}, ${nameOf(quantity, run)}`

export function chartLines(lines: readonly RunEdgeLine[]): ChartLine[] {
  return lines.map((line) => {
    const { run, quantity, isShared } = line
    return {
      key: keyOf(line),
      className: quantity.key === 'topEigenvalue' ? `curve-${run.key}` : `edge-${quantity.key}`,
      label: labelOf(line),
      color: isShared ? 'var(--mantine-color-dimmed)' : run.color,
      // Dashes tell what a line is; runs are told apart by their colours here.
      dash: quantity.dash,
      dots: quantity.dots,
    }
  })
}

/** An edge goes to infinity as the rate goes to zero: what is so far above all λ₁ is not drawn. */
const ABOVE = 3

export function edgeRows(lines: readonly RunEdgeLine[], axis: Axis): Row[] {
  const highest = ceilingOf(lines)
  const rows = new Map<number, Row>()
  for (const line of lines) {
    for (const metrics of line.metrics) {
      const value = metrics[line.quantity.key]
      if (value === undefined || value > highest) continue
      const x = metrics[axis]
      const row: Row = rows.get(x) ?? { x }
      row[keyOf(line)] = value
      rows.set(x, row)
    }
  }
  return [...rows.values()].sort((a, b) => a.x - b.x)
}

function ceilingOf(lines: readonly RunEdgeLine[]): number {
  let [measured, first] = [0, 0]
  for (const { metrics, quantity } of lines) {
    const isEdge = quantity.key === 'stabilityEdge' || quantity.key === 'samEdge'
    if (isEdge) first = Math.max(first, metrics[0][quantity.key] ?? 0)
    else for (const one of metrics) measured = Math.max(measured, one[quantity.key] ?? 0)
  }
  return Math.max(ABOVE * measured, 1.2 * first)
}

/** The edge of a run's optimizer, as a formula. */
export function edgeFormula(config: ShownRun['config']): string {
  const formulas = {
    gd: '2/η (gradient descent)',
    polyak: '(2 + 2β)/η (Polyak momentum)',
    nesterov: '(2 + 2β)/((1 + 2β)η) (Nesterov momentum)',
  }
  const optimizer = edgeOptimizerOf(config)
  return optimizer ? formulas[optimizer] : 'none known for RMSProp'
}

/** What looking takes of the time that training and looking take together, 0 to 1; undefined before it was looked. */
export function costShare(edges: Readonly<Record<string, readonly EdgeMetrics[]>>): number | undefined {
  const last = Object.values(edges).flatMap((list) => list.at(-1) ?? [])
  const looking = last.reduce((sum, { edgeSeconds }) => sum + edgeSeconds, 0)
  const training = last.reduce((sum, { seconds }) => sum + seconds, 0)
  return looking > 0 ? looking / (looking + training) : undefined
}
