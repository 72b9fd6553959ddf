/** Commands one after the other, every outcome a Reply, and nobody left waiting for a device that is gone. */
import { BasinError } from '../../base/errors'
import { type Reply, reply } from '../../base/reply'

export class CommandQueue {
  #last: Promise<unknown> = Promise.resolve()
  #lost: BasinError | undefined
  #sayLost: (error: BasinError) => void = () => {}
  /** Never resolves; rejects when the device is lost. */
  readonly #loss: Promise<never>

  constructor() {
    this.#loss = new Promise((_, reject) => {
      this.#sayLost = reject
    })
    this.#loss.catch(() => {})
  }

  get lost(): BasinError | undefined {
    return this.#lost
  }

  /** From here on every command is refused, and every wait for the device ends, with `error`. */
  lose(error: BasinError): void {
    this.#lost = error
    this.#sayLost(error)
  }

  /** `work`, or the loss of the device: a read of a lost device may never come back. */
  unlessLost<T>(work: Promise<T> | T): Promise<T> {
    return Promise.race([work, this.#loss])
  }

  /**
   * Runs `body` when every command before it is answered.
   * @param settle what an accepted command leaves behind: its answer does not wait for it, the next command does
   */
  take<T>(body: () => Promise<T> | T, settle?: () => Promise<unknown> | undefined): Promise<Reply<T>> {
    const answer = this.#last.then(() => this.answer(body))
    const settled = async ({ ok }: Reply<T>) => {
      if (ok) await this.unlessLost(settle?.())
    }
    this.#last = settle ? answer.then(settled).catch(() => {}) : answer
    return answer
  }

  /** Runs `body` now. */
  answer<T>(body: () => Promise<T> | T): Promise<Reply<T>> {
    return reply(() => {
      if (this.#lost) throw this.#lost
      return this.unlessLost(body())
    })
  }
}

/** The answer to a command that does not fit the state. */
export function refused(command: string, rule: string, remedy = ''): BasinError {
  return new BasinError('unsupported', `${command}: ${rule}`, remedy)
}
