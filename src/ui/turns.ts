/**
 * What would hold the page's thread too long if it were done in one task: one after the other, each once however often
 * it is asked for.
 */
export class Turns {
  #waiting = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param ms from one turn to the next, and from asking to the first */
  constructor(private readonly ms: number) {}

  /** Asked again before its turn, it keeps its place. @returns what takes it back */
  ask(update: () => void): () => void {
    this.#waiting.add(update)
    this.#timer ??= setTimeout(this.#next, this.ms)
    return () => this.#waiting.delete(update)
  }

  #next = (): void => {
    const [update] = this.#waiting
    if (update) this.#waiting.delete(update)
    this.#timer = this.#waiting.size > 0 ? setTimeout(this.#next, this.ms) : undefined
    update?.()
  }
}
