/** The surfaces on one canvas that follows the card's width: dragged to turn, all at once; pointed at to be read. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { type KeyboardEvent, type PointerEvent, useEffect, useEffectEvent, useRef, useState } from 'react'
import { isPrinting, onPrinting } from '../printing'
import type { DrawnBasin, PlanePoint } from './basin'
import { type BasinsChoice, basinsLayout, drawBasins, mapSquare, pickBasin } from './basinsPicture'
import { readColors } from './colors'
import { type Camera, START, turned } from './scene/camera'
import { CanvasPen } from './scene/canvasPen'
import type { PlaneWindow } from './windows'
import { ZoomArea } from './ZoomArea'

export interface BasinsViewProps {
  drawn: readonly DrawnBasin[]
  choice: BasinsChoice
  pointed: PlanePoint | undefined
  /** Points are still arriving. */
  growing: boolean
  onPoint: (point: PlanePoint) => void
  onTurn: (camera: Camera) => void
  /** Is told of a rectangle of the plane that somebody wants to see more closely. */
  onZoom?: (window: PlaneWindow) => void
}

/** Points a side while a surface is being turned, and while its points arrive: that is drawn in a moment. */
const MOST_TURNING = 61
const MOST_GROWING = 41
/** Radians a pixel. */
const TURN = 0.009
/** A pointer that went further was turning, not pointing. */
const STILL = 4

export default function BasinsView(props: BasinsViewProps) {
  const { drawn, choice, pointed, growing, onPoint, onTurn, onZoom } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const drag = useRef<{ x: number; y: number; far: number }>(undefined)
  const [turning, setTurning] = useState(false)
  const scheme = useComputedColorScheme('light')
  const { ref, width } = useElementSize()
  const layout = basinsLayout(width, drawn.length, choice.view)
  const most = growing ? MOST_GROWING : turning ? MOST_TURNING : undefined

  const draw = useEffectEvent(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context || width === 0) return
    const colors = readColors()
    const scale = Math.max(devicePixelRatio, isPrinting() ? 3 : 1)
    element.width = width * scale
    element.height = layout.height * scale
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.fillStyle = colors.surface
    context.fillRect(0, 0, width, layout.height)
    drawBasins(new CanvasPen(context, colors.font), layout, drawn, { choice, colors, pointed, most })
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again when any of these changes
  useEffect(draw, [drawn, choice, pointed, width, scheme, most])

  // On paper its colours are others, and it is drawn before the page is.
  useEffect(() => onPrinting(() => draw()), [])

  const point = (event: PointerEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const place = pickBasin(layout, drawn, { choice }, event.clientX - left, event.clientY - top)
    if (place) onPoint(place)
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const from = drag.current
    if (!from) {
      if (event.pointerType === 'mouse') point(event)
      return
    }
    const [right, down] = [event.clientX - from.x, event.clientY - from.y]
    drag.current = { x: event.clientX, y: event.clientY, far: from.far + Math.abs(right) + Math.abs(down) }
    if (drag.current.far < STILL) return
    setTurning(true)
    onTurn(turned(choice.camera, -TURN * right, TURN * down))
  }
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (choice.view === 'contours' || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { x: event.clientX, y: event.clientY, far: 0 }
  }
  const release = (event: PointerEvent<HTMLElement>) => {
    const still = !drag.current || drag.current.far < STILL
    drag.current = undefined
    setTurning(false)
    if (still && event.type === 'pointerup') point(event)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const [right, up] = ARROWS[event.key] ?? [0, 0]
    if (event.key === 'Home') onTurn(START)
    else if (right === 0 && up === 0) return
    else if (choice.view === 'surface' && !event.shiftKey) {
      onTurn(turned(choice.camera, -0.1 * right, 0.07 * up))
    } else onPoint(stepped(drawn[0], pointed ?? { x: 0, y: 0 }, right, up))
    event.preventDefault()
  }

  return (
    <div ref={ref}>
      {/* biome-ignore lint/a11y/useSemanticElements: a picture that is turned and read */}
      <div
        className="basins"
        data-view={choice.view}
        style={{ height: layout.height }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys turn it
        tabIndex={0}
        role="group"
        aria-label={
          choice.view === 'surface'
            ? 'Surfaces: arrow keys turn them, with Shift they move the place that is read'
            : 'Contours: arrow keys move the place that is read'
        }
        onPointerMove={onPointerMove}
        onPointerDown={onPointerDown}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} style={{ width: '100%', height: '100%', display: 'block' }} />
        {choice.view === 'contours' &&
          onZoom &&
          width > 0 &&
          drawn.map(({ run, surface: { x, y } }, k) => (
            <ZoomArea
              key={run.key}
              {...mapSquare(layout.cells[k])}
              x={[x[0], x[x.length - 1]]}
              y={[y[0], y[y.length - 1]]}
              onZoom={onZoom}
            />
          ))}
      </div>
    </div>
  )
}

const ARROWS: Record<string, [right: number, up: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}

/** A fortieth of the plane further, within it. */
function stepped({ surface: { x, y } }: DrawnBasin, from: PlanePoint, right: number, up: number): PlanePoint {
  const along = (axis: Float64Array, at: number, by: number) => {
    const [low, high] = [axis[0], axis[axis.length - 1]]
    return Math.min(Math.max(at + (by * (high - low)) / 40, low), high)
  }
  return { x: along(x, from.x, right), y: along(y, from.y, up) }
}
