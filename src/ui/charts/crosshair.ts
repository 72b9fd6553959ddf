/** Charts over one axis are read together: where somebody points at one of them, all of them say what stands there. */
import { create } from 'zustand'

interface Crosshair {
  /** The axis' name, which charts of the same have in common. */
  axis?: string
  /** A value on it. */
  x?: number
}

export const useCrosshair = create<Crosshair>(() => ({}))

export const pointAt = (axis: string, x: number) => useCrosshair.setState({ axis, x })
export const pointNowhere = () => useCrosshair.setState({ axis: undefined, x: undefined })
