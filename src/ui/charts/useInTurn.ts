/**
 * The store as a chart sees it: brought up to date in turn with the other charts, one a frame. Drawn all in one task
 * they would hold the page's thread longer than a click may wait.
 */
import { useEffect, useState } from 'react'
import { type LabStore, useLab } from '../store/labStore'

/** One frame: what React draws for one turn is done before the next begins. */
const TURN_MS = 16

const waiting = new Set<() => void>()
let scheduled = false

function takeTurn(update: () => void): void {
  waiting.add(update)
  if (!scheduled) setTimeout(next, 0)
  scheduled = true
}

function next(): void {
  const [update] = waiting
  waiting.delete(update)
  update?.()
  scheduled = waiting.size > 0
  if (scheduled) setTimeout(next, TURN_MS)
}

/** A state of the store at most a few frames old. */
export function useLabInTurn(): LabStore {
  const [lab, setLab] = useState(useLab.getState)
  useEffect(() => {
    const update = () => setLab(useLab.getState())
    const unsubscribe = useLab.subscribe(() => takeTurn(update))
    // What changed between the first drawing and here.
    update()
    return () => {
      unsubscribe()
      waiting.delete(update)
    }
  }, [])
  return lab
}
