/** Curves of several runs as one: their mean at every step, how sure it is, and of how many runs it is. */
import { meanInterval } from './groups'

export interface Line {
  /** Ascending. */
  step: ArrayLike<number>
  /** Where each value stands on the axis that is drawn. */
  x: ArrayLike<number>
  /** NaN where nothing was measured. */
  y: ArrayLike<number>
}

export interface Band {
  /** Mean of the runs' places on the axis. */
  x: Float64Array
  mean: Float64Array
  /** Half of the 95 % interval of the mean; NaN for one run. */
  half: Float64Array
  /** Runs that have a value here. */
  n: Float64Array
}

/** Of every step at which any of the lines has a value; no step and no line is passed over. */
export function bandOf(lines: readonly Line[]): Band {
  const at = lines.map(() => 0)
  const points: [x: number, mean: number, half: number, n: number][] = []
  for (;;) {
    const step = Math.min(...lines.map(({ step }, i) => step[at[i]] ?? Number.POSITIVE_INFINITY))
    if (step === Number.POSITIVE_INFINITY) break
    const [places, values]: [number[], number[]] = [[], []]
    lines.forEach((line, i) => {
      if (line.step[at[i]] !== step) return
      const [x, y] = [line.x[at[i]], line.y[at[i]]]
      at[i]++
      if (!Number.isFinite(x) || !Number.isFinite(y)) return
      places.push(x)
      values.push(y)
    })
    if (values.length === 0) continue
    const { n, mean, half = Number.NaN } = meanInterval(values)
    points.push([places.reduce((sum, x) => sum + x, 0) / n, mean, half, n])
  }
  const column = (k: number) => Float64Array.from(points, (point) => point[k])
  return { x: column(0), mean: column(1), half: column(2), n: column(3) }
}
