/** The store as a chart sees it: brought up to date in turn with the other charts, one a frame. */
import { useEffect, useState } from 'react'
import { type LabStore, useLab } from '../store/labStore'
import { Turns } from '../turns'

/** A frame each: what React draws for one turn is done before the next begins. */
const frames = new Turns(16)

/** A state of the store at most a few frames old. */
export function useLabInTurn(): LabStore {
  const [lab, setLab] = useState(useLab.getState)
  useEffect(() => {
    let takeBack = () => {}
    const update = () => setLab(useLab.getState())
    const unsubscribe = useLab.subscribe(() => {
      takeBack = frames.ask(update)
    })
    // What changed between the first drawing and here.
    update()
    return () => {
      unsubscribe()
      takeBack()
    }
  }, [])
  return lab
}
