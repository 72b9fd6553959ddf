/** Rectangles of a plane that are looked at more closely: what is dragged, and the measure's setting that it becomes. */

export interface PlaneWindow {
  x: readonly [number, number]
  y: readonly [number, number]
}

/** What a drag must have of each side to be one. */
const LEAST = 0.03

/** Shares of the sides of a square, from its left and its bottom. */
export interface Corner {
  across: number
  up: number
}

/** @returns undefined for what was no rectangle */
export function draggedWindow(whole: PlaneWindow, from: Corner, to: Corner): PlaneWindow | undefined {
  if (Math.abs(from.across - to.across) < LEAST || Math.abs(from.up - to.up) < LEAST) return undefined
  return {
    x: stretch(whole.x, from.across, to.across),
    y: stretch(whole.y, from.up, to.up),
  }
}

function stretch([low, high]: readonly [number, number], a: number, b: number): [number, number] {
  const at = (share: number) => low + Math.min(Math.max(share, 0), 1) * (high - low)
  return [at(Math.min(a, b)), at(Math.max(a, b))]
}

/** As the setting `window` has it. */
export const windowText = ({ x, y }: PlaneWindow): string =>
  [...x, ...y].map((value) => String(Number(value.toPrecision(6)))).join(',')
