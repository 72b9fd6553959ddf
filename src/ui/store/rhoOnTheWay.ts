/** ρ before it is a setting: while a slider is dragged, and while the drawing of a step is looked at with another. */
import { create } from 'zustand'

export const useRhoOnTheWay = create<{ dragged?: number; explored?: number }>(() => ({}))

export const dragRho = (dragged: number | undefined) => useRhoOnTheWay.setState({ dragged })
export const exploreRho = (explored: number | undefined) => useRhoOnTheWay.setState({ explored })
