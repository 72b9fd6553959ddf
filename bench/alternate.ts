/**
 * Contestants in turn (A-B-A-B), so that what else the machine does falls on all of them alike. One that fails or
 * takes too long is left out from there on, with the reason.
 */
import { type Figure, figure } from './stats'

export interface Runner {
  name: string
  /** Steps for at least `minMs`; how many and how long they took. */
  run(minMs: number): Promise<{ steps: number; ms: number }>
}

export interface AlternateOptions {
  /** Rounds go on for so long, at least two. */
  seconds: number
  /** One turn takes at least this, so that short steps are not lost in the clock. */
  turnMs?: number
  /** No runner takes longer than this altogether. */
  limitSeconds: number
  maxRounds?: number
  /** From here on nobody who has been measured once is asked again, second round or not. */
  endSeconds?: number
}

export type Outcome = Figure | { error: string }

/** @returns ms a step for every runner, by name */
export async function alternate(
  runners: readonly Runner[],
  {
    seconds,
    turnMs = 50,
    limitSeconds,
    maxRounds = 40,
    endSeconds = Number.POSITIVE_INFINITY,
  }: AlternateOptions,
): Promise<Map<string, Outcome>> {
  const taken = new Map(runners.map(({ name }) => [name, { perStep: [] as number[], spent: 0 }]))
  const errors = new Map<string, string>()
  const begun = performance.now()
  const end = begun + seconds * 1000
  const isOver = () => performance.now() > begun + endSeconds * 1000
  for (let round = 0; round < maxRounds && (round < 2 || performance.now() < end); round++) {
    for (const { name, run } of runners) {
      const own = taken.get(name)!
      // A slow one is not asked again once its share of the time is gone.
      const enough = own.perStep.length >= 2 && own.spent > (seconds * 1000) / runners.length
      if (own.perStep.length > 0 && isOver()) continue
      if (errors.has(name) || (enough && isSlow(own.perStep, seconds))) continue
      try {
        const started = performance.now()
        const { steps, ms } = await within(run(turnMs), limitSeconds * 1000 - own.spent)
        own.spent += performance.now() - started
        own.perStep.push(ms / steps)
      } catch (error) {
        errors.set(name, error instanceof OverTime ? `over ${limitSeconds} s` : messageOf(error))
      }
    }
  }
  return new Map(
    runners.map(({ name }): [string, Outcome] => {
      const { perStep } = taken.get(name)!
      const error = errors.get(name)
      // One that was cut off late has still been measured.
      if (perStep.length > 0) return [name, figure(perStep)]
      return [name, { error: error ?? 'not run' }]
    }),
  )
}

/** Whether another turn would be a large part of the whole time. */
const isSlow = (perStep: readonly number[], seconds: number) => Math.min(...perStep) > (seconds * 1000) / 10

export class OverTime extends Error {}

/** @throws OverTime when `work` takes longer; the work itself is the caller's to end */
export async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OverTime(`over ${(ms / 1000).toFixed(0)} s`)), Math.max(0, ms))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
