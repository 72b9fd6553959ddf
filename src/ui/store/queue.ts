/**
 * Settings that wait to be trained, one after the other, in the background of whatever page is shown. The queue starts
 * the next when the laboratory has ended the one before; it is kept with the browser's site data, and stands paused when
 * the page is opened again. One tab works on it at a time.
 */
import { create } from 'zustand'
import type { RunConfig } from '../../core/config/schema'
import { differingFields } from '../../core/config/validate'
import { continueRuns, trainLab } from './commands'
import { type LabStore, useLab } from './labStore'
import { changeView } from './libraryStore'
import { obstacles } from './obstacles'
import { isOpen, isWaiting, newId, type QueueItem, storedItems, storeItems } from './queueItems'

interface QueueStore {
  items: readonly QueueItem[]
  paused: boolean
  /** Another tab has the queue in hand. */
  elsewhere: boolean
}

export const useQueue = create<QueueStore>(() => ({ items: storedItems(), paused: true, elsewhere: false }))

export function enqueue(configs: readonly RunConfig[]): void {
  const items = configs.map((config): QueueItem => ({ id: newId(), config, state: 'waiting' }))
  // What ended before belongs to another list.
  useQueue.setState((queue) => ({
    items: [...(queue.items.some(isOpen) ? queue.items : []), ...items],
    paused: queue.items.some(isOpen) ? queue.paused : false,
  }))
  void goOn()
}

export function pauseQueue(paused: boolean): void {
  useQueue.setState({ paused })
  if (!paused) void goOn()
}

/** One place up or down among those that wait. */
export function moveItem(id: string, by: -1 | 1): void {
  useQueue.setState(({ items }) => {
    const from = items.findIndex((item) => item.id === id)
    const to = from + by
    if (!items[to] || !isWaiting(items[from]) || !isWaiting(items[to])) return {}
    const moved = [...items]
    ;[moved[from], moved[to]] = [moved[to], moved[from]]
    return { items: moved }
  })
}

export const dropItem = (id: string): void =>
  useQueue.setState(({ items }) => ({
    items: items.filter((item) => item.id !== id || item.state === 'training'),
  }))

/** Takes away what waits and what has ended; one that trains goes on. */
export const clearQueue = (): void =>
  useQueue.setState(({ items }) => ({ items: items.filter(({ state }) => state === 'training') }))

/** Seconds until the last has ended, by how long those before took; undefined before one has. */
export function secondsLeft(items: readonly QueueItem[], current: number | undefined): number | undefined {
  const took = items.flatMap(({ state, started, ended }) =>
    state === 'done' && started && ended ? [(Date.parse(ended) - Date.parse(started)) / 1000] : [],
  )
  if (took.length === 0) return undefined
  const mean = took.reduce((sum, seconds) => sum + seconds, 0) / took.length
  return (
    items.filter(isWaiting).length * mean +
    (items.some(({ state }) => state === 'training') ? (current ?? mean) : 0)
  )
}

/** Begins to watch the laboratory. Call once. */
export function startQueue(): void {
  useLab.subscribe((lab, before) => {
    if (lab.keeping !== before.keeping) noteMade(lab)
    if (lab.state !== before.state || lab.device !== before.device) void goOn()
  })
  useQueue.subscribe(({ items }, before) => {
    if (items !== before.items) storeItems(items)
  })
}

const ENDED: readonly LabStore['state'][] = ['finished', 'stopped', 'failed']
/** What is kept and only stands there is no reason to wait: the person has asked for the queue. */
const FREE: readonly LabStore['state'][] = [...ENDED, 'idle', 'interrupted', 'following']

const GOING: readonly LabStore['state'][] = ['loading', 'training', 'paused']

let starting = false

/** Ends what has ended, and starts what is next where the laboratory is free. */
async function goOn(): Promise<void> {
  const lab = useLab.getState()
  const current = useQueue.getState().items.find(({ state }) => state === 'training')
  if (starting) return
  if (current) {
    if (!ENDED.includes(lab.state)) return
    end(current.id, lab)
  }
  if (!next()) return
  // From here on, not from when the lock is there: what is told meanwhile would start the same a second time.
  starting = true
  try {
    const item = (await inHand()) ? next() : undefined
    if (!item) return
    await start(item)
  } finally {
    starting = false
  }
  // It may have ended while it was being started.
  if (!useQueue.getState().items.some(({ state }) => state === 'training')) void goOn()
}

/** What is to be started now. */
function next(): QueueItem | undefined {
  const { items, paused } = useQueue.getState()
  const { state, device } = useLab.getState()
  return !paused && device && FREE.includes(state) ? items.find(isWaiting) : undefined
}

async function start(item: QueueItem): Promise<void> {
  const { state: before, session } = useLab.getState()
  const stands =
    before === 'interrupted' && session && differingFields(session.config, item.config).length === 0
  change(item.id, { state: 'training', started: now() })
  // The form shows what is trained. The answer and the laboratory's states come in either order: from here on the state
  // is not that of the run before.
  useLab.setState({ config: item.config, problem: undefined, state: 'loading' })
  // One that a closed page has cut short goes on where it is kept: the page may have gone before it knew under which name.
  const goesOn = item.made ? continueRuns(item.made) : item.started && stands && continueRuns()
  const isTaken = (await goesOn) || (await trainLab())
  if (!isTaken) useLab.setState({ state: before })
  const after = useLab.getState()
  if (!isTaken) end(item.id, { state: 'failed', problem: after.problem ?? obstacles()[0] })
  else if (!GOING.includes(after.state)) end(item.id, after)
}

function end(
  id: string,
  { state, problem }: Pick<LabStore, 'state'> & { problem?: { message: string } },
): void {
  const done = state === 'finished' || state === 'stopped'
  change(id, { state: done ? 'done' : 'failed', ended: now(), problem: done ? undefined : problem?.message })
  if (!useQueue.getState().items.some(isOpen)) showMade()
}

/** What is kept of the one in training. The end of the one before it may still be being told. */
function noteMade({ keeping }: LabStore): void {
  const { items } = useQueue.getState()
  const current = items.find(({ state }) => state === 'training')
  const before = items.flatMap(({ id, made = [] }) => (id === current?.id ? [] : made))
  const made = Object.values(keeping?.runs ?? {}).map(({ id }) => id)
  if (current && made.length > 0 && !made.some((id) => before.includes(id))) change(current.id, { made })
}

/** Picks what the queue has trained: it stands as groups over seeds. */
export function showMade(): void {
  const picked = useQueue.getState().items.flatMap(({ made = [] }) => made)
  changeView({ picked, byGroup: true, filter: '' })
}

const change = (id: string, changes: Partial<QueueItem>) =>
  useQueue.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...changes } : item)),
  }))

const now = () => new Date().toISOString()

let lock: Promise<boolean> | undefined

/** Whether this tab works on the queue; it does until it is closed. Without Web Locks every tab does. */
function inHand(): Promise<boolean> {
  lock ??= new Promise((known) => {
    if (!navigator.locks) return known(true)
    const forEver = (held: Lock | null) => {
      known(held !== null)
      useQueue.setState({ elsewhere: held === null })
      // Asked again at the next start.
      if (held === null) lock = undefined
      return held === null ? undefined : new Promise(() => {})
    }
    navigator.locks.request('basin-queue', { ifAvailable: true }, forEver).catch(() => known(true))
  })
  return lock
}
