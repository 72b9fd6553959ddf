/**
 * How a page or worker notices that a worker of its own has ended. One that throws or cannot be loaded has an error
 * event, one that merely ends has none. So it holds a Web Lock for as long as it lives, and whoever started it,
 * queueing for the same lock, is told of the end by getting it.
 */

/** What a watched worker answers. */
export interface Lifeline {
  live(lock: string): Promise<void>
}

/** The worker's side: holds the lock until the worker ends. Resolves when it is held; never where locks are refused. */
export function holdLifeline(lock: string): Promise<void> {
  return new Promise((held) => {
    const forEver = () => {
      held()
      return new Promise(() => {})
    }
    navigator.locks.request(lock, forEver).catch(() => {})
  })
}

/**
 * Calls `onEnd` when the worker is gone, however that came about. Without Web Locks (plain http from another machine)
 * an end without a word stays unnoticed.
 * @param worker over the wire
 */
export async function watchLifeline(worker: Lifeline, onEnd: () => void): Promise<void> {
  const locks = globalThis.navigator?.locks
  if (!locks) return
  const name = `basin-worker ${crypto.randomUUID()}`
  try {
    await worker.live(name)
    await locks.request(name, onEnd)
  } catch {
    // Locks are refused here.
  }
}
