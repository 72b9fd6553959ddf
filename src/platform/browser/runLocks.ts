/** Who in this browser has a run in hand: one tab trains it, one may offer to undo that it was deleted. */

const undo = (id: string) => `basin-undo ${id}`
/** Held for as long as a run is trained, or may be trained on by the tab that has it. */
export const trainedLock = (id: string): string => `basin-run ${id}`

const held = new Map<string, () => void>()

/** Resolves when it is held. Without Web Locks nobody is told, and tabs that are opened dispose of what was deleted. */
export function holdUndo(id: string): Promise<void> {
  const locks = navigator.locks
  if (!locks || held.has(id)) return Promise.resolve()
  return new Promise((done) => {
    const untilLetGo = () => {
      done()
      return new Promise<void>((letGo) => held.set(id, letGo))
    }
    locks.request(undo(id), untilLetGo).catch(() => done())
  })
}

export function letUndoGo(id: string): void {
  held.get(id)?.()
  held.delete(id)
}

export const offersUndo = (id: string): Promise<boolean> => isHeld(undo(id))
export const isTrained = (id: string): Promise<boolean> => isHeld(trainedLock(id))

async function isHeld(name: string): Promise<boolean> {
  const state = await navigator.locks?.query?.().catch(() => undefined)
  return state?.held?.some((lock) => lock.name === name) ?? false
}

/** @returns what lets it go again */
export function holdTrained(id: string): () => void {
  let letGo = () => {}
  let over = false
  const untilLetGo = () =>
    over
      ? undefined
      : new Promise<void>((done) => {
          letGo = done
        })
  navigator.locks?.request(trainedLock(id), untilLetGo).catch(() => {})
  return () => {
    over = true
    letGo()
  }
}

/**
 * One writer of an experiment's runs over all tabs; one that ends lets go, however it ends.
 * @param patience waits for whoever has them, until it aborts; absent: not at all
 * @returns what ends the claim; undefined where another has them. Without locks (plain http from another machine) there
 * is nobody to ask, and everything is granted.
 */
export function claimRuns(experiment: string, patience?: AbortSignal): Promise<(() => void) | undefined> {
  const { locks } = navigator
  if (!locks) return Promise.resolve(() => {})
  return new Promise((resolve) => {
    const hold = (lock: Lock | null) => {
      if (!lock) return resolve(undefined)
      return new Promise<void>((end) => resolve(end))
    }
    const options: LockOptions = patience ? { signal: patience } : { ifAvailable: true }
    locks.request(`basin-runs ${experiment}`, options, hold).catch(() => resolve(undefined))
  })
}
