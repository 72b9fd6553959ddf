/**
 * Lines of equal loss by marching squares (Lorensen & Cline, 1987, in two dimensions): every cell of the grid
 * contributes the pieces that the level cuts out of it, with linear interpolation along its edges.
 */

/** A piece of a line, in grid units: column and row indices with fractions. */
export interface Segment {
  from: [column: number, row: number]
  to: [column: number, row: number]
}

/** Pieces of the lines where z = level. @param z z[row][column], all finite */
export function contourLines(z: readonly (readonly number[])[], level: number): Segment[] {
  const segments: Segment[] = []
  for (let i = 0; i + 1 < z.length; i++)
    for (let j = 0; j + 1 < z[i].length; j++) segments.push(...cellSegments(z, i, j, level))
  return segments
}

function cellSegments(z: readonly (readonly number[])[], i: number, j: number, level: number): Segment[] {
  // Corners clockwise from the top left; edge k joins corner k and corner k + 1.
  const corners: [number, number][] = [
    [j, i],
    [j + 1, i],
    [j + 1, i + 1],
    [j, i + 1],
  ]
  const values = corners.map(([column, row]) => z[row][column])
  const crossings = [0, 1, 2, 3].flatMap((k) => {
    const next = (k + 1) % 4
    if (values[k] > level === values[next] > level) return []
    const share = (level - values[k]) / (values[next] - values[k])
    const [a, b] = [corners[k], corners[next]]
    return [[a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])] as [number, number]]
  })
  if (crossings.length === 2) return [{ from: crossings[0], to: crossings[1] }]
  if (crossings.length < 4) return []
  // A saddle: the centre decides which corners belong together.
  const centre = values.reduce((sum, value) => sum + value, 0) / 4
  const [top, right, bottom, left] = crossings
  return values[0] > level === centre > level
    ? [
        { from: top, to: right },
        { from: bottom, to: left },
      ]
    : [
        { from: top, to: left },
        { from: right, to: bottom },
      ]
}

/** About `count` levels between the ends: even steps, or even factors on a log scale. */
export function contourLevels([low, high]: [number, number], count: number, log: boolean): number[] {
  if (!(high > low)) return []
  const [a, b] = log ? [Math.log(low), Math.log(high)] : [low, high]
  return Array.from({ length: count }, (_, k) => {
    const at = a + ((k + 1) * (b - a)) / (count + 1)
    return log ? Math.exp(at) : at
  })
}
