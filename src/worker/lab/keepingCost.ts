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
