/** Looking more closely at a rectangle of a plane, and back: the measure again, with its window. */
import type { MeasureId } from '../../worker/protocol'
import { compute } from '../store/commands'
import { useLab } from '../store/labStore'
import { type PlaneWindow, windowText } from './windows'

/** Whether a measure could begin now. */
export const canCompute = ({ state, job, session }: ReturnType<typeof useLab.getState>): boolean =>
  session !== undefined && job === undefined && ['paused', 'finished', 'stopped'].includes(state)

/** The measure with other settings, which the form then has too. */
export function computeWith(id: MeasureId, changes: Record<string, unknown>): void {
  useLab.setState(({ measureSettings }) => ({ measureSettings: { ...measureSettings, ...changes } }))
  void compute(id)
}

/** The measures of planes, and the setting that each has its window in. */
export const WINDOWS = { surface: 'window', trajectory: 'way_window' } as const

/** @param window undefined: all of the plane */
export const zoomTo = (id: keyof typeof WINDOWS, window: PlaneWindow | undefined): void =>
  computeWith(id, { [WINDOWS[id]]: window ? windowText(window) : '' })
