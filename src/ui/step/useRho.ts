/**
 * ρ of the drawing. Before training it is the setting's and follows whichever slider is dragged; where a session stands
 * its runs keep theirs, and the drawing's slider moves the drawing alone.
 */
import { useEffect } from 'react'
import { changeField } from '../store/form'
import { useLab } from '../store/labStore'
import { dragRho, exploreRho, useRhoOnTheWay } from '../store/rhoOnTheWay'
import { shownRun } from './shownStep'

export function useRho() {
  const { dragged, explored } = useRhoOnTheWay()
  const own = useLab((lab) => shownRun(lab).config.sam_rho)
  const session = useLab((lab) => lab.session)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another session, another drawing
  useEffect(() => exploreRho(undefined), [session])
  return {
    rho: explored ?? dragged ?? own,
    explores: session !== undefined,
    draw: session ? exploreRho : dragRho,
    settle(value: number) {
      if (session) return
      dragRho(undefined)
      changeField('sam_rho', value)
    },
  }
}
