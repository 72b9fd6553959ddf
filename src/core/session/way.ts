/** The way of a run: at which steps its weights are kept, what that takes, and those that nobody else keeps. */
import type { Waypoint } from './sessionTypes'

export interface Stretch {
  /** Epochs; 0 is never. */
  every: number
  stepsPerEpoch: number
  totalSteps: number
}

const stepsBetween = ({ every, stepsPerEpoch }: Stretch): number =>
  Math.max(1, Math.round(every * stepsPerEpoch))

/** Which of its run's a waypoint is, from 0. */
export const waypointNumber = (step: number, stretch: Stretch): number =>
  Math.round(step / stepsBetween(stretch))

/** The beginning and the end are of it. */
export function isWaypoint(step: number, stretch: Stretch): boolean {
  if (stretch.every === 0) return false
  return step === stretch.totalSteps || step % stepsBetween(stretch) === 0
}

/** How many there are from the beginning to the end. */
export function waypoints(stretch: Stretch): number {
  if (stretch.every === 0) return 0
  return Math.ceil(stretch.totalSteps / stepsBetween(stretch)) + 1
}

/** Where nothing is written: of each run so much. */
const MOST_BYTES = 2 ** 28

export class WayHeld {
  #held: Waypoint[] = []
  #bytes = 0

  get steps(): number[] {
    return this.#held.map(({ step }) => step)
  }

  at(step: number): Waypoint | undefined {
    return this.#held.find((one) => one.step === step)
  }

  add(waypoint: Waypoint): void {
    const bytes = waypoint.theta.byteLength + waypoint.batchStats.byteLength
    if (this.#bytes + bytes > MOST_BYTES) return
    this.#held = [...this.#held.filter(({ step }) => step < waypoint.step), waypoint]
    this.#bytes += bytes
  }

  clear(): void {
    this.#held = []
    this.#bytes = 0
  }
}
