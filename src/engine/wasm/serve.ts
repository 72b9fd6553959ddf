/** What a helping thread is given. */
export interface ThreadData {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
  thread: number
  /** Addresses of the word that it watches, and of what threads share (machine.ts). */
  control: number
  job: number
}

/**
 * A helping thread's whole life: waits for orders and takes part in them. It looks for the next order for a
 * while before it sleeps, since the next is rarely far. Names nothing outside of itself: Node's threads are started from
 * its text.
 */
export function serve({ module, memory, thread, control, job }: ThreadData): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const share = exports.share as (order: number, thread: number, job: number) => void
  const words = new Int32Array(memory.buffer)
  const at = control / 4
  let done = 0
  for (;;) {
    let order = Atomics.load(words, at)
    for (let turn = 0; order === done && turn < 30_000; turn++) order = Atomics.load(words, at)
    while (order === done) {
      Atomics.wait(words, at, done)
      order = Atomics.load(words, at)
    }
    done = order
    share(order, thread, job)
  }
}
