/**
 * Gives other tasks of this thread a turn. Not requestAnimationFrame and not setTimeout: a hidden tab stops the one
 * and slows the other to once a second; a message to oneself is neither.
 */

/** Node's. */
declare const setImmediate: ((run: () => void) => void) | undefined

let channel: MessageChannel | undefined
const waiting: (() => void)[] = []

/** Resolves after every task that is already queued (a Pause from the page) has run. */
function yieldToEventLoop(): Promise<void> {
  // Node: an open MessagePort would keep the process alive; setImmediate does not.
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve))
  if (!channel) {
    channel = new MessageChannel()
    channel.port1.onmessage = () => waiting.shift()?.()
  }
  const { port2 } = channel
  return new Promise((resolve) => {
    waiting.push(resolve)
    port2.postMessage(null)
  })
}

/** Yields at most every `everyMs`, so that short steps are not slowed by it. */
export class Breather {
  #last = performance.now()
  constructor(private readonly everyMs = 12) {}

  async breathe(): Promise<void> {
    if (performance.now() - this.#last < this.everyMs) return
    await yieldToEventLoop()
    this.#last = performance.now()
  }
}
