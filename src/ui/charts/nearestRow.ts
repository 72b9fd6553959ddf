import type { Row } from './rows'

/** The row with a value of one of these keys that is nearest by `distance` of its x; undefined where none has any. */
export function nearestRow(
  rows: readonly Row[],
  keys: readonly string[],
  distance: (x: number) => number,
): Row | undefined {
  let nearest: Row | undefined
  let least = Number.POSITIVE_INFINITY
  for (const row of rows) {
    if (keys.every((key) => row[key] === undefined)) continue
    const far = distance(row.x)
    if (far < least) {
      least = far
      nearest = row
    }
  }
  return nearest
}
