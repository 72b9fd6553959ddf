/** The two numbers of a contestant, and how they compare. */

export interface Figure {
  min: number
  median: number
}

/** A peer's figure and its ratio to Basin's (peer / Basin of the medians), or why there is none. */
export type PeerFigure = (Figure & { ratio: number }) | { error: string }

/** @throws RangeError for no values */
export function figure(values: readonly number[]): Figure {
  if (values.length === 0) throw new RangeError('figure: at least one value, got none')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { min: sorted[0], median }
}

export function against(basin: Figure, peer: Figure): Figure & { ratio: number } {
  return { ...peer, ratio: peer.median / basin.median }
}
