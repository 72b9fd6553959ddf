/** Which line of the algorithm the drawing shows: chosen by a person, or played through after a step was made. */
import { create } from 'zustand'
import type { Beat } from './StepDrawing'

const useStore = create<{ beat: Beat }>(() => ({ beat: 0 }))

export const useBeat = () => useStore(({ beat }) => beat)

const BEAT_MS = 1100

let playing: ReturnType<typeof setTimeout> | undefined

/** Stays until another is shown; 0: the whole step. */
export function showBeat(beat: Beat): void {
  clearTimeout(playing)
  useStore.setState({ beat })
}

/** All four lines, one after the other, then the whole. Who asked for less motion gets the whole at once. */
export function playBeats(): void {
  showBeat(0)
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const show = (beat: 1 | 2 | 3 | 4) => {
    useStore.setState({ beat })
    playing = setTimeout(() => (beat < 4 ? show((beat + 1) as 2 | 3 | 4) : showBeat(0)), BEAT_MS)
  }
  show(1)
}
