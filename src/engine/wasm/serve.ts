/** What a helping thread is given. */
export interface ThreadData {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
  thread: number
  /** Addresses of the words that it watches, and of the meeting (machine.ts). */
  control: number
  meeting: number
}

/**
 * A helping thread's whole life: waits for orders and works off its part of them. It looks for the next order for a
 * while before it sleeps, since the next is rarely far. Names nothing outside of itself: Node's threads are started from
 * its text.
 */
export function serve({ module, memory, thread, control, meeting }: ThreadData): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const execute = exports.execute as (...args: number[]) => void
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
    execute(words[at + 1] >>> 0, words[at + 2], thread, words[at + 3], meeting)
  }
}
