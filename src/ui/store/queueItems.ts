/** What waits in the queue, and how it is kept with the browser's site data. */
import type { RunConfig } from '../../core/config/schema'
import { readStoredConfig } from '../../core/config/stored'

export type ItemState = 'waiting' | 'training' | 'done' | 'failed'

export interface QueueItem {
  id: string
  config: RunConfig
  state: ItemState
  /** ISO 8601, of its start and its end; of one that a closed page has cut short, when it was started there. */
  started?: string
  ended?: string
  /** Ids of its kept runs. */
  made?: readonly string[]
  /** Why it failed. */
  problem?: string
}

export const isWaiting = ({ state }: QueueItem): boolean => state === 'waiting'

export const isOpen = ({ state }: QueueItem): boolean => state === 'waiting' || state === 'training'

export const newId = (): string => Math.random().toString(36).slice(2)

const KEPT = 'basin-queue'

export function storeItems(items: readonly QueueItem[]): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(items))
  } catch {
    // Then the queue lives as long as its tab.
  }
}

/** What a tab that was closed had left: one that was in training waits again, to go on. */
export function storedItems(): QueueItem[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]')
    if (!Array.isArray(value)) return []
    return value.flatMap((item: Partial<QueueItem> | null) => {
      const config = readStoredConfig(item?.config)
      if (!config.success || !item || !isOpen(item as QueueItem)) return []
      const made = idsOf(item.made)
      const started = item.state === 'training' && typeof item.started === 'string' && item.started
      const left = { ...(made && { made }), ...(started && { started }) }
      return [{ id: newId(), config: config.data, state: 'waiting' as const, ...left }]
    })
  } catch {
    return []
  }
}

const idsOf = (made: unknown): string[] | undefined =>
  Array.isArray(made) && made.length > 0 && made.every((id) => typeof id === 'string') ? made : undefined
