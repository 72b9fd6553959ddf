/** Maps of the picked runs over the two settings in which they differ. */
import { useMemo } from 'react'
import { flagText } from '../../core/config/flags'
import { type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { encodeCsv } from '../../core/formats/csv'
import type { Coordinate } from '../../worker/libraryProtocol'
import { Figure } from '../charts/Figure'
import { viridis } from '../landscape/viridis'
import { numberText } from './columns'
import { type Phase, phaseOf } from './phase'
import { usePicked } from './usePicked'

/** Of the drawing, in its own units; it takes the width that there is, but no more than keeps its text small. */
const WIDTH = 360
const WIDEST = 440
const LEFT = 52
const BOTTOM = 40
const CELL_HEIGHT = 36
const GAP = 2
const TICK = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' }
/** Shares of the scale from here on are light. */
const LIGHT = 0.52

export function PhasePlot() {
  const picked = usePicked()
  const phase = useMemo(() => phaseOf(picked), [picked])
  if (!phase) return null
  return (
    <section aria-labelledby="phase-title">
      <div className="row section-head">
        <h2 id="phase-title">Over two settings</h2>
      </div>
      <div className="charts phase-charts">
        {phase.maps.map((one) => (
          <PhaseFigure key={one.metric.id} {...one} x={phase.x} y={phase.y} />
        ))}
      </div>
    </section>
  )
}

const textOf = (value: Coordinate) => flagText(value as RunConfig[FieldName]) || 'none'

function PhaseFigure({ metric, map, x, y }: Phase['maps'][number] & Pick<Phase, 'x' | 'y'>) {
  const [xLabel, yLabel] = [fieldMeta(x).label, fieldMeta(y).label]
  const known = map.values.flat().filter((value) => !Number.isNaN(value))
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const height = map.ys.length * CELL_HEIGHT + BOTTOM
  const text = (value: number) => numberText(metric, value)
  return (
    <Figure
      title={`${metric.header} over ${xLabel} and ${yLabel}`}
      description={`${metric.header} from ${text(low)} to ${text(high)} over ${xLabel} and ${yLabel}.`}
      height={height}
      empty={false}
      files={{ csv: () => encodeCsv([y, x, metric.id], cellsOf(map)) }}
      table={() => ({
        header: [`${yLabel} \\ ${xLabel}`, ...map.xs.map(textOf)],
        rows: map.ys.map((value, i) => [textOf(value), ...map.values[i].map(text)]),
      })}
    >
      <svg
        className="phase"
        viewBox={`0 0 ${WIDTH} ${height}`}
        width="100%"
        style={{ maxWidth: WIDEST }}
        aria-hidden="true"
      >
        <Cells {...map} share={(value) => (high > low ? (value - low) / (high - low) : 0)} text={text} />
        <text x={WIDTH} y={height - 6} textAnchor="end" {...TICK}>
          {xLabel}
        </text>
        <text x={0} y={height - 6} {...TICK}>
          {yLabel} ↑
        </text>
      </svg>
    </Figure>
  )
}

function* cellsOf({ xs, ys, values }: Phase['maps'][number]['map']) {
  for (const [i, y] of ys.entries())
    for (const [j, x] of xs.entries()) yield [textOf(y), textOf(x), values[i][j]]
}

interface CellsProps {
  xs: readonly Coordinate[]
  ys: readonly Coordinate[]
  values: readonly (readonly number[])[]
  share(value: number): number
  text(value: number): string
}

function Cells({ xs, ys, values, share, text }: CellsProps) {
  const width = (WIDTH - LEFT) / xs.length
  const rowAt = (i: number) => (ys.length - 1 - i) * CELL_HEIGHT
  return (
    <>
      {ys.map((y, i) => (
        <text key={textOf(y)} x={LEFT - 8} y={rowAt(i) + CELL_HEIGHT / 2 + 4} textAnchor="end" {...TICK}>
          {textOf(y)}
        </text>
      ))}
      {xs.map((x, j) => (
        <text
          key={textOf(x)}
          x={LEFT + (j + 0.5) * width}
          y={ys.length * CELL_HEIGHT + 14}
          textAnchor="middle"
          {...TICK}
        >
          {textOf(x)}
        </text>
      ))}
      {ys.flatMap((y, i) =>
        xs.map((x, j) => {
          const value = values[i][j]
          const empty = Number.isNaN(value)
          const [left, top] = [LEFT + j * width, rowAt(i)]
          return (
            <g key={`${textOf(y)} ${textOf(x)}`}>
              <rect
                x={left}
                y={top}
                width={width - GAP}
                height={CELL_HEIGHT - GAP}
                rx={3}
                fill={empty ? 'var(--basin-line)' : `rgb(${viridis(share(value)).join(',')})`}
              />
              <text
                x={left + (width - GAP) / 2}
                y={top + CELL_HEIGHT / 2 + 3}
                textAnchor="middle"
                fontSize={11.5}
                fill={empty ? TICK.fill : share(value) > LIGHT ? '#1a1a1a' : '#ffffff'}
              >
                {text(value)}
              </text>
            </g>
          )
        }),
      )}
    </>
  )
}
