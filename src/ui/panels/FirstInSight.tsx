/**
 * A drawing that follows its data at once while it is in sight, and now and then while it is not: most of a page is
 * further down, and what nobody sees need not hold up what somebody does. The first drawing, which takes longest, may be
 * left until it is in sight. On paper all of it is.
 */
import { useIntersection } from '@mantine/hooks'
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { isPrinting, onPrinting } from '../printing'
import { Turns } from '../turns'

/** So far beside the window it counts as in sight: who scrolls finds it as it is. */
const NEAR = { rootMargin: '200px' }

/** One at a time of all that are out of sight. */
const unseen = new Turns(200)

interface FirstInSightProps {
  /** The place that it takes, in px. */
  height: number
  /** Out of sight the first drawing is not worth its time now. */
  waits: boolean
  children: ReactNode
}

export function FirstInSight({ height, waits, children }: FirstInSightProps) {
  const { ref, entry } = useIntersection(NEAR)
  const printing = useSyncExternalStore(onPrinting, isPrinting)
  const inSight = printing || entry?.isIntersecting === true
  const [drawn, setDrawn] = useState<ReactNode>(null)
  const latest = useRef(children)
  useEffect(() => {
    latest.current = children
  })
  if (inSight && drawn !== children) setDrawn(children)
  const behind = !inSight && drawn !== children && !(waits && drawn === null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: newer data may have come with a turn, and wait for the next
  useEffect(() => (behind ? unseen.ask(() => setDrawn(latest.current)) : undefined), [behind, drawn])
  return (
    <div ref={ref} style={{ minHeight: height }}>
      {inSight ? children : drawn}
    </div>
  )
}
