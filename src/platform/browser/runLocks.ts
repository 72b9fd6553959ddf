/** Who in this browser has a run in hand: one tab trains it, one may offer to undo that it was deleted. */

const undo = (id: string) => `basin-undo ${id}`
/** Held for as long as a run is trained. */
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
