/**
 * Where somebody points at a chart: by a mouse as long as it is there, by a finger until it taps elsewhere, by arrow keys
 * as long as the chart has the focus; and the stretch that a mouse is drawn over.
 */
import {
  createContext,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react'
import { pointAt, pointNowhere, useCrosshair } from './crosshair'
import type { Row } from './rows'

export interface Pointed {
  /** Pixels from the chart's left edge. */
  at?: number
  /** Where what is read there is written. */
  box?: HTMLElement | null
  /** Told by the frame: where its plot lies. */
  plot?: RefObject<Plot | undefined>
}

/** Pixels from the chart's left edge. */
export interface Plot {
  left: number
  width: number
}

export const PointedContext = createContext<Pointed>({})

interface Options {
  axis: string
  rows: readonly Row[]
  /** Told of a stretch, in shares of the plot; absent where there is nothing to look at more closely. */
  onStretch?: (from: number, to: number) => void
}

/** A shorter one was a click. */
const LEAST_STRETCH = 8

/** @returns where, what is being drawn over, and the handlers that find out */
export function usePointed(chart: RefObject<HTMLElement | null>, { axis, rows, onStretch }: Options) {
  const [at, setAt] = useState<number>()
  const [drag, setDrag] = useState<{ from: number; to: number }>()
  const plot = useRef<Plot>(undefined)
  const open = at !== undefined
  const leave = () => {
    setAt(undefined)
    setDrag(undefined)
    pointNowhere()
  }
  useEffect(() => {
    if (!open) return
    const elsewhere = (event: Event) => {
      if (chart.current?.contains(event.target as Node)) return
      setAt(undefined)
      pointNowhere()
    }
    document.addEventListener('pointerdown', elsewhere)
    return () => document.removeEventListener('pointerdown', elsewhere)
  }, [open, chart])
  const placeOf = (event: PointerEvent<HTMLElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left
  const take = (event: PointerEvent<HTMLElement>) => {
    const to = placeOf(event)
    setAt(to)
    setDrag((going) => going && { ...going, to })
  }
  const handlers = {
    onPointerEnter: take,
    onPointerMove: take,
    onPointerDown(event: PointerEvent<HTMLElement>) {
      take(event)
      if (!onStretch || event.pointerType !== 'mouse' || event.button !== 0) return
      const from = placeOf(event)
      setDrag({ from, to: from })
    },
    onPointerUp() {
      setDrag(undefined)
      if (!drag || !plot.current || Math.abs(drag.to - drag.from) < LEAST_STRETCH) return
      const { left, width } = plot.current
      const [from, to] = [drag.from, drag.to].sort((a, b) => a - b).map((pixel) => (pixel - left) / width)
      onStretch?.(Math.max(0, from), Math.min(1, to))
    },
    onPointerLeave(event: PointerEvent) {
      if (event.pointerType !== 'touch') leave()
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.key === 'Escape') return leave()
      const next = neighbour(rows, axis, event.key)
      if (next === undefined) return
      event.preventDefault()
      setAt(undefined)
      pointAt(axis, next)
    },
    onBlur: leave,
  }
  return { at, drag, plot, handlers }
}

/** The place that a key goes to from where the crosshair stands; from nowhere, to the end. */
function neighbour(rows: readonly Row[], axis: string, key: string): number | undefined {
  const last = rows.length - 1
  const by = ({ ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 } as Record<string, number>)[key]
  if (last < 0) return undefined
  if (key === 'Home') return rows[0].x
  if (key === 'End') return rows[last].x
  if (by === undefined) return undefined
  const { axis: pointed, x } = useCrosshair.getState()
  if (pointed !== axis || x === undefined) return rows[last].x
  const here = rows.findIndex((row) => row.x >= x)
  return rows[Math.min(Math.max((here < 0 ? last : here) + by, 0), last)].x
}
