/** At most so many of them, evenly spread, the ends among them; of one, the last. */
export function thinned<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values]
  const last = values.length - 1
  return Array.from(
    { length: most },
    (_, i) => values[most === 1 ? last : Math.round((i * last) / (most - 1))],
  )
}
