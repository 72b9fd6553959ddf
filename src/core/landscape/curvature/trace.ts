/**
 * The trace of a Hessian, whole and by parameter, as an estimate with its standard error.
 *
 * With V the basis of a Krylov space that is there already and P = 1 − VᵀV, the diagonal of H is a part that is known
 * (krylov.ts) and the diagonal of PHP, for which zᵢ(PHPz)ᵢ with random signs z is an unbiased estimate. V has taken up
 * what is largest in H, so that ten probes do where plain Hutchinson needs hundreds: Hutch++ with a Krylov space in the
 * place of its sketch.
 * Source: Hutchinson 1990; Meyer, Musco, Musco, Woodruff 2021 (Hutch++); Chen & Hallman 2023 (Krylov-aware).
 */
import { type RandomStream, randomStream } from '../../../base/random'
import { readTensor } from '../../../engine/device/loss'
import * as tf from '../../../engine/tf'
import type { ParamLayout } from '../../models/network'
import { Breather } from '../../queue/breather'
import type { KrylovSpace } from './krylov'
import type { SymmetricOperator } from './operator'

export interface Estimate {
  value: number
  /** Standard deviation of the probes' mean; NaN before the second probe. */
  error: number
}

export interface TraceEstimate {
  trace: Estimate
  /** Diagonal blocks, in the order of the layout. */
  byParameter: Estimate[]
  probes: number
}

export interface TraceSettings {
  /** Probes before the error is believed, and at most. */
  least: number
  most: number
  /** Ends when the trace's standard error is below this part of it. */
  relativeError: number
  seed: number
}

export const TRACE_DEFAULTS: TraceSettings = { least: 16, most: 100, relativeError: 0.02, seed: 0 }

/**
 * @param space of the operator, grown; borrowed
 * @param onProgress after every probe
 * @returns the estimate from the probes done by then; undefined when it was cancelled before the first
 */
export async function estimateTrace(
  operator: SymmetricOperator,
  space: KrylovSpace,
  params: Pick<ParamLayout, 'entries'>,
  settings: TraceSettings = TRACE_DEFAULTS,
  { onProgress, signal }: { onProgress?(found: TraceEstimate): void; signal?: AbortSignal } = {},
): Promise<TraceEstimate | undefined> {
  const known = sumsOf(await readTensor(space.diagonal), params)
  const whole = new Moments()
  const parts = params.entries.map(() => new Moments())
  const breather = new Breather()
  let found: TraceEstimate | undefined
  for (let k = 0; k < settings.most && !signal?.aborted; k++) {
    const signs = randomSigns(operator.size, randomStream(settings.seed, 'probes', k))
    const sums = sumsOf(await probe(operator, space, signs), params)
    whole.add(sums.reduce((a, b) => a + b, 0))
    sums.forEach((sum, i) => {
      parts[i].add(sum)
    })
    found = {
      trace: whole.estimate(known.reduce((a, b) => a + b, 0)),
      byParameter: parts.map((part, i) => part.estimate(known[i])),
      probes: k + 1,
    }
    onProgress?.(found)
    const { value, error } = found.trace
    // Nothing is left to estimate where the space is all there is.
    if (space.isExhausted && space.steps === operator.size) break
    if (k + 1 >= settings.least && error <= settings.relativeError * Math.abs(value)) break
    await breather.breathe()
  }
  return found
}

/** z ⊙ PHPz, [P] */
async function probe(operator: SymmetricOperator, { basis }: KrylovSpace, signs: Float32Array) {
  const z = tf.tensor1d(signs)
  const outside = basis.without(z)
  const product = operator.product(outside)
  const rest = basis.without(product)
  const entries: tf.Tensor1D = tf.mul(z, rest)
  tf.dispose([z, outside, product, rest])
  try {
    return await readTensor(entries)
  } finally {
    entries.dispose()
  }
}

/** Sums over each parameter, in double precision. */
function sumsOf(values: ArrayLike<number>, { entries }: Pick<ParamLayout, 'entries'>): number[] {
  return entries.map(({ offset, size }) => {
    let sum = 0
    for (let i = offset; i < offset + size; i++) sum += values[i]
    return sum
  })
}

/** ±1, each with probability ½. */
export function randomSigns(size: number, random: RandomStream): Float32Array {
  const signs = new Float32Array(size)
  for (let i = 0; i < size; ) {
    for (let bits = random.int(2 ** 30), b = 0; b < 30 && i < size; b++, bits >>= 1) {
      signs[i++] = bits & 1 ? 1 : -1
    }
  }
  return signs
}

/** Mean and its standard error of numbers that come one by one. Source: Welford 1962. */
export class Moments {
  #count = 0
  #mean = 0
  #squares = 0

  add(value: number): void {
    this.#count++
    const from = value - this.#mean
    this.#mean += from / this.#count
    this.#squares += from * (value - this.#mean)
  }

  /** The mean beside something known. */
  estimate(known = 0): Estimate {
    const n = this.#count
    return { value: known + this.#mean, error: n > 1 ? Math.sqrt(this.#squares / (n - 1) / n) : Number.NaN }
  }
}
