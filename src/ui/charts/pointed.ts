/** Where somebody points at a chart: by a mouse as long as it is there, by a finger until it taps elsewhere. */
import { createContext, type PointerEvent, type RefObject, useEffect, useState } from 'react'

export interface Pointed {
  /** Pixels from the chart's left edge. */
  at?: number
  /** Where what is read there is written. */
  box?: HTMLElement | null
}

export const PointedContext = createContext<Pointed>({})

/** @returns where, and the handlers that find out */
export function usePointed(chart: RefObject<HTMLElement | null>) {
  const [at, setAt] = useState<number>()
  const open = at !== undefined
  useEffect(() => {
    if (!open) return
    const elsewhere = (event: Event) => {
      if (!chart.current?.contains(event.target as Node)) setAt(undefined)
    }
    document.addEventListener('pointerdown', elsewhere)
    return () => document.removeEventListener('pointerdown', elsewhere)
  }, [open, chart])
  const take = (event: PointerEvent<HTMLElement>) =>
    setAt(event.clientX - event.currentTarget.getBoundingClientRect().left)
  const leave = (event: PointerEvent) => {
    if (event.pointerType !== 'touch') setAt(undefined)
  }
  return {
    at,
    handlers: { onPointerEnter: take, onPointerDown: take, onPointerMove: take, onPointerLeave: leave },
  }
}
