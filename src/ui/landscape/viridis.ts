/** Viridis (van der Walt & Smith, 2015; public domain): perceptually even and safe for colour-blind eyes. */

const STOPS: readonly [number, number, number][] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
]

/** [r, g, b] of a share in [0, 1]; outside it the ends. */
export function viridis(share: number): [number, number, number] {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1)
  const k = Math.min(Math.floor(at), STOPS.length - 2)
  return STOPS[k].map((from, c) => Math.round(from + (at - k) * (STOPS[k + 1][c] - from))) as [
    number,
    number,
    number,
  ]
}

/** As plotly wants it. */
export const VIRIDIS_SCALE: [number, string][] = STOPS.map(([r, g, b], k) => [
  k / (STOPS.length - 1),
  `rgb(${r}, ${g}, ${b})`,
])
