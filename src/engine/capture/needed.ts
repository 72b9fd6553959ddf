/**
 * Which commands of a recording decide what is kept of it. tfjs computes what nobody asks for: the gradients of the
 * weights that a second derivative only passes through.
 *
 * A command's results are the places that it is the first to name; one that is the first for none writes into what is
 * there, and counts.
 * @param uses the places that each command names, in their order
 * @param isOwn places that are the recording's
 * @param kept what is read after the last command
 */
export function neededCommands<Place>(
  uses: readonly (readonly Place[])[],
  isOwn: (place: Place) => boolean,
  kept: Iterable<Place>,
): boolean[] {
  const first = new Map<Place, number>()
  for (const [i, places] of uses.entries()) {
    for (const place of places) if (!first.has(place)) first.set(place, i)
  }
  const read = new Set(kept)
  const needed = uses.map(() => false)
  for (let i = uses.length - 1; i >= 0; i--) {
    const results = uses[i].filter((place) => isOwn(place) && first.get(place) === i)
    needed[i] = results.length === 0 || results.some((place) => read.has(place))
    if (needed[i]) for (const place of uses[i]) read.add(place)
  }
  return needed
}
