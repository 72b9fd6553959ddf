/** Waiting that an AbortSignal ends, for work that does not listen to one. */

/** What `work` comes to; rejects with the signal's reason once it is aborted, and then nobody waits for `work`. */
export function unlessAborted<T>(work: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal?.reason)
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end)
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', end))
  })
}
