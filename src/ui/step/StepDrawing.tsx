/** A step of SAM on its plane: θ, ρ uphill, the gradient there, and where both methods go. */
import { useId } from 'react'
import { formatNumber, formatSetting } from '../format'
import type { Surface } from '../landscape/displaySurface'
import { StepMap } from './StepMap'
import type { StepPicture, Vector } from './stepPicture'

/** A line of Algorithm 1 that is being played; 0: the whole step. */
export type Beat = 0 | 1 | 2 | 3 | 4

export interface StepColors {
  sgd: string
  sam: string
}

const SIZE = 400
/** Gradients are drawn as long as this, whatever their norm: their direction counts. */
const ARROW = 62

export function StepDrawing({
  picture,
  surface,
  beat,
  colors,
  caption,
}: {
  picture: StepPicture
  surface: Surface
  beat: Beat
  colors: StepColors
  caption: string
}) {
  const markers = useId()
  const { rho, reach, gradientThere, sgdNext, samNext, stretch } = picture
  const place = ([x, y]: Vector): Vector => [
    SIZE / 2 + (y / reach) * (SIZE / 2),
    SIZE / 2 - (x / reach) * (SIZE / 2),
  ]
  const theta = place([0, 0])
  const there = place([rho, 0])
  const slope = arrowFrom(there, gradientThere)
  const uphill = arrowFrom(theta, [1, 0])
  const shown = (from: Beat) => beat === 0 || beat >= from
  const look = (at: Beat) => ({ className: beat === at ? 'now' : beat === 0 || beat > at ? 'past' : 'later' })
  const marker = (name: string) => `url(#${markers}-${name})`
  return (
    <figure className="step-drawing">
      <StepMap surface={surface} />
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={describe(picture)}>
        <defs>
          <Head id={`${markers}-sgd`} color={colors.sgd} />
          <Head id={`${markers}-sam`} color={colors.sam} />
          <Head id={`${markers}-g`} color="var(--mantine-color-text)" />
        </defs>
        {rho > 0 && <Ring centre={theta} radius={(rho / reach) * (SIZE / 2)} color={colors.sam} />}
        {beat === 1 && (
          <g className="now">
            <Arrow from={theta} to={uphill} color="var(--mantine-color-text)" head={marker('g')} width={2} />
            <Label at={uphill} dx={10} dy={2} color="var(--mantine-color-text)">
              g
            </Label>
          </g>
        )}
        {shown(2) && rho > 0 && (
          <g {...look(2)}>
            <Arrow from={theta} to={there} color={colors.sam} head={marker('sam')} dash="6 4" />
            <Label at={mid(theta, there)} dx={9} dy={4} color={colors.sam}>
              ε̂
            </Label>
          </g>
        )}
        {shown(3) && rho > 0 && (
          <g {...look(3)}>
            <Arrow from={there} to={slope} color={colors.sam} head={marker('sam')} width={2} />
            <Label at={slope} {...besideOf(there, slope)} color={colors.sam}>
              g′
            </Label>
          </g>
        )}
        {shown(4) && (
          <g {...look(4)}>
            <Arrow from={theta} to={place(sgdNext)} color={colors.sgd} head={marker('sgd')} width={3} />
            <Arrow
              from={theta}
              to={place(samNext)}
              color={colors.sam}
              head={marker('sam')}
              width={3}
              dash="9 3"
            />
            {isFar(theta, place(sgdNext)) && (
              <Label at={place(sgdNext)} dx={12} dy={10} color={colors.sgd}>
                SGD’s next
              </Label>
            )}
            {isFar(theta, place(samNext)) && (
              <Label at={place(samNext)} dx={-12} dy={16} end color={colors.sam}>
                SAM’s next
              </Label>
            )}
          </g>
        )}
        {shown(2) && rho > 0 && (
          <>
            <circle
              cx={there[0]}
              cy={there[1]}
              r={5}
              fill="var(--mantine-color-body)"
              stroke={colors.sam}
              strokeWidth={3}
            />
            <Label at={there} dx={-12} dy={-4} end color={colors.sam}>
              θ + ε̂
            </Label>
          </>
        )}
        <circle cx={theta[0]} cy={theta[1]} r={6} fill="var(--mantine-color-text)" />
        <Label at={theta} dx={-12} dy={5} end color="var(--mantine-color-text)">
          θ
        </Label>
      </svg>
      <figcaption>
        {caption}
        {stretch > 1 && ` Steps are drawn ${formatSetting(stretch)} times as long.`}
      </figcaption>
    </figure>
  )
}

function Ring({ centre, radius, color }: { centre: Vector; radius: number; color: string }) {
  return <circle className="ring" cx={centre[0]} cy={centre[1]} r={radius} fill="none" stroke={color} />
}

function Head({ id, color }: { id: string; color: string }) {
  return (
    <marker
      id={id}
      viewBox="0 0 10 10"
      refX={8}
      refY={5}
      markerWidth={12}
      markerHeight={12}
      orient="auto"
      markerUnits="userSpaceOnUse"
    >
      <path d="M0,0 L10,5 L0,10 z" fill={color} />
    </marker>
  )
}

interface ArrowProps {
  from: Vector
  to: Vector
  color: string
  head: string
  width?: number
  dash?: string
}

function Arrow({ from, to, color, head, width = 2.5, dash }: ArrowProps) {
  // A gradient of zero goes nowhere, and a head alone would point somewhere.
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 1) return null
  return (
    <line
      x1={from[0]}
      y1={from[1]}
      x2={to[0]}
      y2={to[1]}
      stroke={color}
      strokeWidth={width}
      strokeDasharray={dash}
      markerEnd={head}
    />
  )
}

interface LabelProps {
  at: Vector
  dx: number
  dy: number
  color: string
  /** Set before the point. */
  end?: boolean
  children: string
}

function Label({ at, dx, dy, color, end, children }: LabelProps) {
  return (
    <text x={at[0] + dx} y={at[1] + dy} fill={color} textAnchor={end ? 'end' : 'start'}>
      {children}
    </text>
  )
}

/** Uphill is up, y to the right. */
function arrowFrom([left, top]: Vector, [x, y]: Vector): Vector {
  const length = Math.hypot(x, y)
  return length > 0 ? [left + (ARROW * y) / length, top - (ARROW * x) / length] : [left, top]
}

/** On the side that the arrow leans to. */
const besideOf = (from: Vector, to: Vector) =>
  to[0] >= from[0] ? { dx: 9, dy: 4 } : { dx: -9, dy: 4, end: true }

/** What ends where it begins, at a rate of zero, has no name of its own. */
const isFar = (a: Vector, b: Vector) => Math.hypot(b[0] - a[0], b[1] - a[1]) > 8

const mid = (a: Vector, b: Vector): Vector => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]

function describe({ rho, lossHere, lossThere, gradientNorm, learningRate }: StepPicture): string {
  const look =
    rho > 0
      ? `SAM looks ${formatSetting(rho)} uphill, where the loss is ${formatNumber(lossThere)}, and steps from θ against the gradient there; `
      : 'At ρ = 0 SAM is SGD; '
  return `Loss ${formatNumber(lossHere)} at θ, gradient norm ${formatNumber(gradientNorm)}. ${look}SGD steps against the gradient at θ. Learning rate ${formatSetting(learningRate)}.`
}
