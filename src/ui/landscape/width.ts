/** How wide a basin is: the length of the line along which the loss stays at or below a fixed level. */
import type { Slice1D } from '../../worker/protocol'

export interface BasinWidth {
  level: number
  width: number
  /** The slice ends before the loss reaches the level: the basin is at least this wide. */
  atLeast: boolean
}

/**
 * Width around the centre at `level`, linear between points; undefined when the centre is above the level or the
 * slice is not complete.
 */
export function basinWidth(slice: Slice1D, level: number): BasinWidth | undefined {
  const { at, loss } = slice
  const centre = centreIndex(slice)
  if (!loss.every((value) => !Number.isNaN(value)) || !(loss[centre] <= level)) return undefined
  const left = crossing(at, loss, centre, -1, level)
  const right = crossing(at, loss, centre, 1, level)
  return { level, width: right.at - left.at, atLeast: left.open || right.open }
}

/**
 * A level at which both basins can be compared: the smallest round number that is half as high again as the higher
 * centre. Closer to it, the run that fits less would look narrow only because its own minimum fills the level.
 */
export function commonLevel(slices: readonly Slice1D[]): number | undefined {
  const highest = Math.max(...slices.map((slice) => slice.loss[centreIndex(slice)]))
  if (!Number.isFinite(highest) || highest <= 0) return undefined
  let decade = 10 ** Math.floor(Math.log10(highest))
  for (;;) {
    for (const factor of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8]) {
      const level = Number((factor * decade).toPrecision(3))
      if (level >= 1.5 * highest) return level
    }
    decade *= 10
  }
}

/** Index of a = 0 (the point nearest to it). */
export function centreIndex(slice: Slice1D): number {
  let best = 0
  slice.at.forEach((a, i) => {
    if (Math.abs(a) < Math.abs(slice.at[best])) best = i
  })
  return best
}

function crossing(
  at: Float64Array,
  loss: Float64Array,
  centre: number,
  direction: 1 | -1,
  level: number,
): { at: number; open: boolean } {
  for (let i = centre; i + direction >= 0 && i + direction < at.length; i += direction) {
    const next = i + direction
    if (loss[next] <= level) continue
    const share = Number.isFinite(loss[next]) ? (level - loss[i]) / (loss[next] - loss[i]) : 0
    return { at: at[i] + share * (at[next] - at[i]), open: false }
  }
  return { at: direction > 0 ? at[at.length - 1] : at[0], open: true }
}
