/** The ways of runs over the loss on their plane, as one SVG: colours below, lines of equal loss, a line a run. */
import { useElementSize } from '@mantine/hooks'
import { useId, useMemo } from 'react'
import { ticksWithin } from '../charts/axisTicks'
import { formatSetting } from '../format'
import { contourLevels, contourLines } from './contourLines'
import { type Surface, sharedRange } from './displaySurface'
import { lossTicks } from './lossTicks'
import { viridis } from './viridis'
import { behind, type DrawnWay } from './ways'
import type { PlaneWindow } from './windows'
import { ZoomArea } from './ZoomArea'

const LEVELS = 11
const MARGIN = { left: 58, right: 58, top: 12, bottom: 44 }
const MOST_SIDE = 520

export interface WayDrawingProps {
  surface: Surface | undefined
  /** Ends of the axes. */
  x: readonly [number, number]
  y: readonly [number, number]
  ways: readonly DrawnWay[]
  /** Up to which step they are drawn. */
  step: number
  titles: readonly [string, string]
  /** Is told of a rectangle that somebody wants to see more closely. */
  onZoom?: (window: PlaneWindow) => void
}

export function WayDrawing({ surface, x, y, ways, step, titles, onZoom }: WayDrawingProps) {
  const { ref, width } = useElementSize()
  const clip = useId()
  const side = Math.max(120, Math.min(MOST_SIDE, width - MARGIN.left - MARGIN.right))
  const range = useMemo(() => surface && sharedRange([surface]), [surface])
  const image = useMemo(() => surface && range && mapImage(surface, range), [surface, range])
  const lines = useMemo(() => surface && range && linesPath(surface, range), [surface, range])
  const px = (value: number) => ((value - x[0]) / (x[1] - x[0])) * side
  const py = (value: number) => side - ((value - y[0]) / (y[1] - y[0])) * side
  const all = { width: side + MARGIN.left + MARGIN.right, height: side + MARGIN.top + MARGIN.bottom }
  return (
    <div ref={ref} className="way-drawing">
      <div className="way-plane">
        {width > 0 && (
          <svg {...all} aria-hidden>
            <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
              <rect width={side} height={side} className="way-ground" />
              {image && (
                <image
                  href={image}
                  width={side}
                  height={side}
                  preserveAspectRatio="none"
                  className="way-map"
                />
              )}
              {lines && (
                <path
                  d={lines}
                  transform={`scale(${side})`}
                  fill="none"
                  stroke="rgb(255 255 255 / 0.7)"
                  strokeWidth={1 / side}
                />
              )}
              <clipPath id={clip}>
                <rect width={side} height={side} />
              </clipPath>
              <g clipPath={`url(#${clip})`}>
                {ways.map((way) => (
                  <Way key={way.run.key} way={way} step={step} px={px} py={py} />
                ))}
              </g>
              <Axes side={side} x={x} y={y} titles={titles} />
              {range && <ColorBar side={side} range={range} />}
            </g>
          </svg>
        )}
        {width > 0 && onZoom && (
          <ZoomArea left={MARGIN.left} top={MARGIN.top} side={side} x={x} y={y} onZoom={onZoom} />
        )}
      </div>
    </div>
  )
}

interface WayProps {
  way: DrawnWay
  step: number
  px: (value: number) => number
  py: (value: number) => number
}

/** Its line with a rim, so that it stands out of any colour; a dot where it was looked at, a large one where it is. */
function Way({ way, step, px, py }: WayProps) {
  const { run, stops } = way
  const walked = behind(way, step)
  const path = (of: typeof stops) =>
    of.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${px(x).toFixed(1)},${py(y).toFixed(1)}`).join('')
  const here = walked[walked.length - 1]
  return (
    <g className={`way-${run.key}`} data-legend={run.label} data-step={here.step}>
      <path d={path(stops)} fill="none" stroke="#fff" strokeWidth={5} strokeOpacity={0.25} />
      <path
        d={path(walked)}
        fill="none"
        stroke="#fff"
        strokeWidth={4.5}
        strokeOpacity={0.85}
        strokeLinejoin="round"
      />
      <path
        d={path(walked)}
        fill="none"
        stroke={run.color}
        strokeWidth={2.5}
        strokeDasharray={run.dash}
        strokeLinejoin="round"
      />
      {walked.slice(0, -1).map((stop) => (
        <circle key={stop.step} cx={px(stop.x)} cy={py(stop.y)} r={2.5} fill={run.color} stroke="#fff" />
      ))}
      <circle cx={px(here.x)} cy={py(here.y)} r={6.5} fill={run.color} stroke="#fff" strokeWidth={2} />
    </g>
  )
}

function Axes({ side, x, y, titles }: { side: number } & Pick<WayDrawingProps, 'x' | 'y' | 'titles'>) {
  const share = ([from, to]: readonly [number, number], value: number) => (value - from) / (to - from)
  return (
    <g className="way-axes">
      {ticksWithin(...x).map((tick) => (
        <text key={tick} x={share(x, tick) * side} y={side + 17} textAnchor="middle">
          {formatSetting(tick)}
        </text>
      ))}
      {ticksWithin(...y).map((tick) => (
        <text key={tick} x={-7} y={side - share(y, tick) * side + 4} textAnchor="end">
          {formatSetting(tick)}
        </text>
      ))}
      <text x={side / 2} y={side + 38} textAnchor="middle">
        {titles[0]}
      </text>
      <text transform={`translate(-46 ${side / 2}) rotate(-90)`} textAnchor="middle">
        {titles[1]}
      </text>
    </g>
  )
}

function ColorBar({ side, range }: { side: number; range: [number, number] }) {
  const share = shareOf(range)
  const steps = 48
  return (
    <g className="way-axes" transform={`translate(${side + 14} 0)`}>
      {Array.from({ length: steps }, (_, k) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bands of one bar
          key={k}
          y={(k * side) / steps}
          width={10}
          height={side / steps + 0.5}
          fill={`rgb(${viridis(1 - (k + 0.5) / steps).join(',')})`}
        />
      ))}
      {lossTicks(range, true).map((level) => (
        <text key={level} x={15} y={side - share(level) * side + 4}>
          {formatSetting(level)}
        </text>
      ))}
    </g>
  )
}

/** The share of a loss in a range, on a logarithmic scale. */
function shareOf([low, high]: readonly [number, number]): (loss: number) => number {
  const at = (value: number) => Math.log(Math.max(value, 1e-6))
  const [a, b] = [at(low), at(high)]
  return (loss) => (b > a ? (at(loss) - a) / (b - a) : 0)
}

/** Row 0 of the grid is the smallest y: it stands at the bottom. Points stand on the corners of the picture. */
function mapImage({ z }: Surface, range: readonly [number, number]): string {
  const share = shareOf(range)
  const [rows, columns] = [z.length, z[0].length]
  const pixels = new ImageData(columns, rows)
  z.forEach((row, i) => {
    row.forEach((loss, j) => {
      pixels.data.set([...viridis(share(loss)), 255], 4 * ((rows - 1 - i) * columns + j))
    })
  })
  const small = document.createElement('canvas')
  small.width = columns
  small.height = rows
  small.getContext('2d')!.putImageData(pixels, 0, 0)
  const large = document.createElement('canvas')
  large.width = 512
  large.height = 512
  const context = large.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(small, 0.5, 0.5, columns - 1, rows - 1, 0, 0, large.width, large.height)
  return large.toDataURL('image/png')
}

/** In a square of side 1. */
function linesPath({ z }: Surface, range: [number, number]): string {
  const [columns, rows] = [z[0].length - 1, z.length - 1]
  const place = ([column, row]: readonly [number, number]) =>
    `${(column / columns).toFixed(5)},${(1 - row / rows).toFixed(5)}`
  return contourLevels(range, LEVELS, true)
    .flatMap((level) => contourLines(z, level))
    .map(({ from, to }) => `M${place(from)}L${place(to)}`)
    .join('')
}
