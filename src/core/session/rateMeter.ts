/** Steps per second over the last second or so, from the times at which reads of the device came back. */
export class RateMeter {
  #marks: { seconds: number; steps: number; waited: number }[] = []
  #seconds = 0

  /**
   * @param seconds training time the steps took
   * @param waited how much of it went by waiting for data
   */
  add(steps: number, seconds: number, waited: number): void {
    this.#seconds += seconds
    this.#marks.push({ seconds: this.#seconds, steps, waited })
    while (this.#marks.length > 2 && this.#seconds - this.#marks[1].seconds > 1) this.#marks.shift()
  }

  /** 0 before two reads: the first one compiles shaders and would promise hours. */
  get stepsPerSecond(): number {
    if (this.#marks.length < 2) return 0
    const steps = this.#marks.slice(1).reduce((sum, mark) => sum + mark.steps, 0)
    return steps / Math.max(1e-6, this.#seconds - this.#marks[0].seconds)
  }

  /** Share of the time spent waiting for data, 0 to 1. */
  get dataWaitShare(): number {
    if (this.#marks.length < 2) return 0
    const waited = this.#marks.slice(1).reduce((sum, mark) => sum + mark.waited, 0)
    return Math.min(1, waited / Math.max(1e-6, this.#seconds - this.#marks[0].seconds))
  }

  reset(): void {
    this.#marks = []
  }
}
