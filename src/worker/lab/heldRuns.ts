/** Says of runs that they are trained, so that nobody deletes them meanwhile. */
import type { RunKey } from '../../core/runs/metrics'
import type { KeepingPlace, Release } from './keepingPlace'

export class HeldRuns {
  readonly #held = new Map<RunKey, Release>()

  constructor(private readonly place: KeepingPlace) {}

  /** @param id of the run's record */
  hold(key: RunKey, id: string): void {
    if (this.#held.has(key)) return
    const release = this.place.holdTrained?.(id)
    if (release) this.#held.set(key, release)
  }

  /** @param keys absent: all */
  letGo(...keys: RunKey[]): void {
    for (const key of keys.length > 0 ? keys : [...this.#held.keys()]) {
      this.#held.get(key)?.()
      this.#held.delete(key)
    }
  }
}
