/** Live: the curvature of what is trained beside the edges of stability, where the settings ask for it. */
import { useMemo } from 'react'
import { edgeCsv } from '../files/tables'
import { formatCount, formatNumber, formatPercent } from '../format'
import { Panel } from '../panels/Panel'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { type LabStore, useLab } from '../store/labStore'
import { AXES } from './axes'
import { axisEnd } from './CurveFigure'
import {
  chartLines,
  costShare,
  edgeFormula,
  edgeLines,
  edgeRows,
  labelOf,
  nameOf,
  type RunEdgeLine,
} from './edgeLines'
import { Figure, type FigureTable } from './Figure'
import { LazyLineChart } from './LazyLineChart'

const HEIGHT = 260
const TABLE_ROWS = 24

const isAsked = (lab: LabStore) =>
  Object.values(lab.edges).some((list) => list.length > 0) ||
  shownRuns(lab).some(({ config }) => config.top_eigenvalue_every > 0)

export function EdgeSection() {
  if (!useLab(isAsked)) return null
  return (
    <section aria-labelledby="edge-title">
      <h2 id="edge-title">Edge of stability</h2>
      <Panel name="The edge of stability">
        <EdgeFigure />
        <Notes />
      </Panel>
    </section>
  )
}

function EdgeFigure() {
  const runs = useLab(shownRuns)
  const edges = useLab((lab) => lab.edges)
  const axis = useLab((lab) => lab.axis)
  const logY = useLab((lab) => lab.logY)
  const zoom = useLab((lab) => lab.zoom)
  const lines = useMemo(() => edgeLines(runs, edges), [runs, edges])
  const rows = useMemo(() => edgeRows(lines, axis), [lines, axis])
  const drawn = useMemo(() => chartLines(lines), [lines])
  const legend = useMemo(() => kindsOf(lines), [lines])
  const files = useMemo(() => ({ csv: () => edgeCsv(runs, edges) }), [runs, edges])
  const share = costShare(edges)
  const numbers = runs.map((run) => ({
    run: { ...run, dash: undefined },
    text: formatNumber(edges[run.key]?.at(-1)?.topEigenvalue),
  }))
  const [{ config }] = runs
  const isEmpty = rows.length === 0
  return (
    <Figure
      title="Largest eigenvalue"
      subtitle={`λ₁ of the Hessian of what is trained, ${formatCount(config.top_eigenvalue_images)} images at most${
        share === undefined ? '' : `; takes ${formatPercent(share)} of the time`
      }`}
      numbers={numbers}
      legend={legend}
      files={files}
      description={
        isEmpty
          ? 'Not measured yet.'
          : `λ₁ and the edges of stability over ${AXES[axis]}. Now: ${lines.map(nowText).join(', ')}.`
      }
      table={() => tableOf(lines)}
      height={HEIGHT}
      empty={isEmpty}
    >
      {isEmpty ? (
        <div className="empty" style={{ height: HEIGHT }}>
          {firstText(runs)}
        </div>
      ) : (
        <LazyLineChart
          rows={rows}
          lines={drawn}
          xDomain={zoom ?? [0, axisEnd(axis, runs)]}
          onZoom={(stretch) => useLab.setState({ zoom: stretch })}
          xLabel={AXES[axis]}
          unit="number"
          log={logY}
          fromZero
          height={HEIGHT}
        />
      )}
    </Figure>
  )
}

const nowText = (line: RunEdgeLine) =>
  `${labelOf(line)} ${formatNumber(line.metrics.at(-1)?.[line.quantity.key])}`

function firstText(runs: readonly ShownRun[]): string {
  const every = Math.min(
    ...runs.flatMap(({ config }) => (config.top_eigenvalue_every > 0 ? [config.top_eigenvalue_every] : [])),
  )
  return Number.isFinite(every) ? `The first after ${formatCount(every)} steps.` : 'Not measured.'
}

/** What the dashes mean: once for each kind of line, in ink. */
function kindsOf(lines: readonly RunEdgeLine[]) {
  const kinds = new Map(lines.map(({ run, quantity }) => [nameOf(quantity, run), quantity]))
  return [...kinds].map(([label, { dash }]) => ({ label, dash, color: 'var(--mantine-color-dimmed)' }))
}

function Notes() {
  const runs = useLab(shownRuns)
  const formulas = [...new Set(runs.map(({ config }) => edgeFormula(config)))]
  const some = (is: (config: ShownRun['config']) => boolean) => runs.some(({ config }) => is(config))
  const sam = (config: ShownRun['config']) => config.sam_rho > 0 && config.sam_variant === 'sam'
  return (
    <p className="figure-note">
      Edge: {formulas.join('; ')}, the largest λ at which steps on a quadratic do not grow. 2/η alone
      misleads: Nesterov’s momentum has a lower edge (0.68 of it at β = 0.9), Polyak’s a higher one, and with
      small batches λ₁ stays below them all, while batch sharpness comes close to 2/η.
      {some(sam) && ' SAM’s edge is lower, by ρ and the ‖g‖ of that step.'}
      {some((config) => sam(config) && config.momentum > 0) &&
        ' With momentum it is the value at which an oscillation of a frozen ‖g‖ repeats itself, and no bound that training keeps.'}
      {some(({ gradient_clipping: clip }) => clip > 0) &&
        ' Where the gradient is clipped, steps are shorter than the edges assume.'}{' '}
      λ₁ is taken in evaluation mode, with weight decay; fewer images have a larger one.
    </p>
  )
}

function tableOf(lines: readonly RunEdgeLine[]): FigureTable {
  const steps = [...new Set(lines.flatMap(({ metrics }) => metrics.map(({ step }) => step)))].sort(
    (a, b) => a - b,
  )
  const every = Math.max(1, Math.ceil(steps.length / TABLE_ROWS))
  const shown = steps.filter((_, i) => (steps.length - 1 - i) % every === 0)
  const header = ['step', ...lines.map(labelOf)]
  const rows = shown.map((step) => [
    formatCount(step),
    ...lines.map(({ metrics, quantity }) =>
      formatNumber(metrics.find((one) => one.step === step)?.[quantity.key]),
    ),
  ])
  return { header, rows }
}
