/** A contestant as the coordinator sees it: calls over some wire, and an end that is final. */
import type { Built, ContestantApi, Facts, Job } from '../contestants/protocol'

export interface Wire {
  call(method: string, args: unknown[]): Promise<unknown>
  /** Ends process or page; calls under way are refused. */
  close(): Promise<void>
}

export class Host implements ContestantApi {
  constructor(
    readonly name: string,
    private readonly wire: Wire,
  ) {}

  open = () => this.wire.call('open', []) as Promise<string>
  build = (job: Job) => this.wire.call('build', [job]) as Promise<Built>
  run = (id: string, minMs: number) =>
    this.wire.call('run', [id, minMs]) as Promise<{ steps: number; ms: number }>
  facts = (id: string) => this.wire.call('facts', [id]) as Promise<Facts>
  drop = (id: string) => this.wire.call('drop', [id]) as Promise<void>
  /** What only Basin answers. */
  ask = <T>(method: string, ...args: unknown[]) => this.wire.call(method, args) as Promise<T>
  close = () => this.wire.close()
}

/** Calls by number, for wires that carry messages. */
export class Pending {
  #next = 0
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()

  /** @param send puts the message on the wire */
  call(method: string, args: unknown[], send: (message: object) => void): Promise<unknown> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      send({ id, method, args })
    })
  }

  settle({ id, value, error }: { id: number; value?: unknown; error?: string }): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error !== undefined) waiting?.reject(new Error(error))
    else waiting?.resolve(value)
  }

  refuseAll(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason))
    this.#waiting.clear()
  }
}
