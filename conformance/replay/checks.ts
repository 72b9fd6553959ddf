/** What a replayed case is judged by: every compared quantity has its own tolerance, the worst one is reported. */
import * as tf from '../../src/engine/tf'

export interface Deviation {
  what: string
  /** Largest absolute difference; Infinity where a number is missing or NaN on one side only. */
  deviation: number
  tolerance: number
}

/** Comparisons of one case. */
export class Checks {
  /** The comparison that comes closest to its tolerance, or exceeds it most. */
  worst: Deviation | undefined
  count = 0
  /** A rule by which the comparison departs from plain equality. */
  note?: string

  /** Compares number by number; NaN and null on both sides agree. */
  compare(
    what: string,
    actual: ArrayLike<number | null>,
    expected: ArrayLike<number | null>,
    tolerance: number | ((expected: number) => number),
  ): void {
    if (actual.length !== expected.length) {
      this.#add({ what: `${what} (length)`, deviation: Number.POSITIVE_INFINITY, tolerance: 0 })
      return
    }
    for (let i = 0; i < expected.length; i++) {
      const wanted = expected[i] ?? Number.NaN
      const allowed = typeof tolerance === 'number' ? tolerance : tolerance(wanted)
      this.#add({ what, deviation: distance(actual[i] ?? Number.NaN, wanted), tolerance: allowed })
    }
  }

  /** One number against another. */
  scalar(what: string, actual: number, expected: number | null, tolerance: number): void {
    this.compare(what, [actual], [expected], tolerance)
  }

  /** A statement that must hold. */
  holds(what: string, truth: boolean): void {
    this.#add({ what, deviation: truth ? 0 : Number.POSITIVE_INFINITY, tolerance: 0 })
  }

  get passed(): boolean {
    return this.worst !== undefined && this.worst.deviation <= this.worst.tolerance
  }

  #add(entry: Deviation): void {
    this.count++
    if (this.worst === undefined || badness(entry) > badness(this.worst)) this.worst = entry
  }
}

function distance(actual: number, expected: number): number {
  if (Number.isNaN(actual) && Number.isNaN(expected)) return 0
  if (actual === expected) return 0
  const difference = Math.abs(actual - expected)
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
}

function badness({ deviation, tolerance }: Deviation): number {
  if (deviation === 0) return 0
  return tolerance > 0 ? deviation / tolerance : Number.POSITIVE_INFINITY
}

/** Tolerances are those of plain JavaScript and WebAssembly; a GPU sums in another order and has its own exp and sqrt. */
export function backendFactor(): number {
  return tf.getBackend() === 'webgpu' ? 10 : 1
}
