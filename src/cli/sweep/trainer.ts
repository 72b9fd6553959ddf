/** Who trains a job: a process of its own, or in tests and simulations whatever pretends to. */
import { BasinError } from '../../base/errors'
import type { RunResult } from './job'
import type { Task, TaskWatch } from './trainJob'

export interface Trainer {
  /**
   * One at a time. Told to stop it saves, and its result is 'interrupted'.
   * @throws BasinError whatever stands in the way
   */
  train(task: Task, watch: TaskWatch): Promise<RunResult>
  close(): void
}

/** Trainers that are lent out one job each. */
export class Trainers {
  readonly #free: Trainer[]
  readonly #waiting: ((trainer: Trainer) => void)[] = []

  constructor(private readonly all: readonly Trainer[]) {
    this.#free = [...all]
  }

  get size(): number {
    return this.all.length
  }

  async train(task: Task, watch: TaskWatch): Promise<RunResult> {
    const trainer = this.#free.pop() ?? (await new Promise<Trainer>((lend) => this.#waiting.push(lend)))
    try {
      if (watch.signal.aborted) throw new BasinError('cancelled', 'stopped before it began')
      return await trainer.train(task, watch)
    } finally {
      const next = this.#waiting.shift()
      if (next) next(trainer)
      else this.#free.push(trainer)
    }
  }

  close(): void {
    for (const trainer of this.all) trainer.close()
  }
}
