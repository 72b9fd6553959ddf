/**
 * One number for how wide a basin is along a line: the length of the stretch around the centre where the loss stays
 * at or below a level.
 */

/** The stretch around the centre of a line where L stays at or below `level`. */
export interface BasinWidth {
  level: number
  left: number
  right: number
  /** right − left, in units of the normalised direction. */
  width: number
  /** True where the slice ended before the loss reached the level: the width is at least this. */
  clipped: boolean
}

/**
 * The level that runs on the same data are measured at: the loss of a network that gives every class the same share (of
 * cross-entropy ln C). It is the same for all, depends on no run and has a meaning: within the width, the moved network
 * still knows something. Where a centre lies above it (an untrained or ruined network), the higher centre + 1.
 * A shared level leaves more room to the run with the lower centre, so it favours the run that fits its labels
 * better, not the flatter one.
 */
export function compareLevel(centreLosses: readonly number[], guessing: number): number {
  const highest = Math.max(...centreLosses)
  return highest < guessing ? guessing : highest + 1
}

/**
 * Width of {a : L(a) ≤ level} around the centre, crossings by linear interpolation between measured points.
 * Points that are not measured yet (NaN) are passed over; a loss of Infinity counts as above the level.
 *
 * @param at ascending positions
 * @returns undefined while the centre is not measured, or where it lies above the level
 */
export function basinWidth(
  at: Float64Array,
  loss: Float64Array,
  level: number,
  centre = 0,
): BasinWidth | undefined {
  const points: [number, number][] = []
  for (let i = 0; i < at.length; i++) if (!Number.isNaN(loss[i])) points.push([at[i], loss[i]])
  const middle = points.findIndex(([a]) => a === centre)
  if (middle < 0 || !(points[middle][1] <= level)) return undefined
  const right = crossing(points.slice(middle), level)
  const left = crossing(points.slice(0, middle + 1).reverse(), level)
  return {
    level,
    left: left.at,
    right: right.at,
    width: right.at - left.at,
    clipped: left.clipped || right.clipped,
  }
}

function crossing(outwards: [number, number][], level: number): { at: number; clipped: boolean } {
  for (let i = 1; i < outwards.length; i++) {
    const [a0, l0] = outwards[i - 1]
    const [a1, l1] = outwards[i]
    if (l1 > level)
      return { at: Number.isFinite(l1) ? a0 + ((level - l0) / (l1 - l0)) * (a1 - a0) : a0, clipped: false }
  }
  return { at: outwards[outwards.length - 1][0], clipped: true }
}
