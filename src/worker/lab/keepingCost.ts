/** Of the training's time. */
export const MOST_SHARE = 0.02

/** What keeping runs takes of their training's time. */
export class KeepingCost {
  #spent = 0
  #trained = 0
  #since: number | undefined

  get training(): boolean {
    return this.#since !== undefined
  }

  trainingBegins(): void {
    this.#since = performance.now()
  }

  trainingRests(): void {
    this.#trained += performance.now() - (this.#since ?? performance.now())
    this.#since = undefined
  }

  /** Counts the time until what is done is done, or its promise settled. */
  add<T>(work: () => T): T {
    const began = performance.now()
    const count = () => {
      this.#spent += performance.now() - began
    }
    const result = work()
    if (result instanceof Promise) return result.finally(count) as T
    count()
    return result
  }

  /**
   * Whether something that is counted here may take so many milliseconds more: where training goes on, all of it must
   * stay within the share, and what is done for the same end within half of it.
   * @param own milliseconds that the same has taken before
   * @param more milliseconds that were counted elsewhere
   */
  affords(ms: number, own: number, more = 0): boolean {
    if (!this.training) return true
    return this.shareOf(this.spent(more) + ms) < MOST_SHARE && this.shareOf(own + ms) < MOST_SHARE / 2
  }

  /**
   * @param more milliseconds that were counted elsewhere
   * @returns all of it in milliseconds
   */
  spent(more: number): number {
    return this.#spent + more
  }

  /** @returns the part of the training's time that so many milliseconds are, 0 to 1 */
  shareOf(ms: number): number {
    const trained = this.#trained + (performance.now() - (this.#since ?? performance.now()))
    return trained > 0 ? ms / trained : 0
  }
}
