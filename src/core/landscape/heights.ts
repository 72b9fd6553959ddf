/**
 * How losses become heights: one scale for all surfaces that are compared. What is shown is the loss itself or its rise
 * over each surface's own minimum; either on a linear or a logarithmic scale. A rise begins at 0, so its logarithm is
 * that of 1 + 100·rise/highest: a hundredth of the highest is where it turns from linear to logarithmic.
 */

export interface HeightChoice {
  height: 'rise' | 'loss'
  scale: 'log' | 'linear'
}

export interface Heights {
  /** Lowest and highest of what is shown. */
  range: [number, number]
  /** What is taken off the losses of a surface whose lowest is this. */
  baseOf(lowest: number): number
  /** Of what is shown, 0 at the lowest of all and 1 at the highest; beyond them beyond. */
  share(value: number): number
  /** The other way round. */
  at(share: number): number
}

/** Of the highest rise. */
export const KNEE = 0.01
const LEAST_LOSS = 1e-6

/** @param ends lowest and highest loss of each surface */
export function heightsOf(ends: readonly (readonly [number, number])[], choice: HeightChoice): Heights {
  const rise = choice.height === 'rise'
  const log = choice.scale === 'log'
  const low = rise ? 0 : Math.min(...ends.map(([lowest]) => lowest))
  const high = Math.max(rise ? 0 : low, ...ends.map(([lowest, highest]) => highest - (rise ? lowest : 0)))
  const knee = KNEE * high || 1
  const into = !log
    ? (value: number) => value
    : rise
      ? (value: number) => Math.log1p(value / knee)
      : (value: number) => Math.log(Math.max(value, LEAST_LOSS))
  const back = !log ? (value: number) => value : rise ? (value: number) => Math.expm1(value) * knee : Math.exp
  const [a, b] = [into(low), into(high)]
  return {
    range: [low, high],
    baseOf: (lowest) => (rise ? lowest : 0),
    share: (value) => (b > a ? (into(value) - a) / (b - a) : 0),
    at: (share) => back(a + share * (b - a)),
  }
}
