/** What the browser says of the space this page may use. */

/** Free bytes of the quota; undefined where the browser does not tell. */
export async function storageRoom(): Promise<number | undefined> {
  const use = await storageUse()
  return use && Math.max(0, use.granted - use.used)
}

/** Bytes that the page may use in all, and those that it does. */
export async function storageUse(): Promise<{ granted: number; used: number } | undefined> {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined)
  return estimate?.quota === undefined ? undefined : { granted: estimate.quota, used: estimate.usage ?? 0 }
}

/**
 * Runs `body` while no other tab of this page does. `signal` ends the waiting.
 * Where the browser has no locks there is nobody to ask, and it runs at once.
 */
export async function exclusively<T>(
  name: string,
  onWait: () => void,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T> {
  const { locks } = navigator
  if (!locks) return body()
  const free = await locks.request(name, { ifAvailable: true }, async (lock) =>
    lock ? { value: await body() } : undefined,
  )
  if (free) return free.value
  onWait()
  return locks.request(name, { signal }, body)
}

/** Runs `body` only when no tab holds the lock. */
export async function whenFree(name: string, body: () => Promise<unknown>): Promise<void> {
  const { locks } = navigator
  if (!locks) return void (await body())
  await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await body()
  })
}
