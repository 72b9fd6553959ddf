/** The other end of trainProcess.ts: trains what it is told to, and ends when nobody is left to tell it. */
import { toPlain } from '../../base/errors'
import type { Device } from '../../engine/backend'
import { type DeviceOptions, startDevice } from '../terminal/device'
import type { Progress } from './job'
import { trainJob } from './trainJob'
import type { FromChild, ToChild } from './trainProcess'

/** Between two messages of progress. */
const PROGRESS_MS = 1000

/** Never resolves: the process ends when its parent closes the channel, or is gone. */
export function serveJobs(where: DeviceOptions): Promise<never> {
  // Ctrl-C goes to all processes of a terminal; the parent says what is to be done about it.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => {})
  process.on('disconnect', () => process.exit(0))
  let device: Promise<Device> | undefined
  let stop: AbortController | undefined
  process.on('message', async (message: ToChild) => {
    if (message.kind === 'stop') {
      stop?.abort()
      return
    }
    stop = new AbortController()
    try {
      device ??= startDevice(where)
      const watch = {
        signal: stop.signal,
        note: (line: string) => tell({ kind: 'note', line }),
        progress: paced((progress) => tell({ kind: 'progress', progress })),
        ...(message.sendState && { state: (bytes: Uint8Array) => tell({ kind: 'state', bytes }) }),
        stateEvery: message.stateEvery,
      }
      tell({ kind: 'done', result: await trainJob(message.task, await device, watch) })
    } catch (error) {
      tell({ kind: 'failed', error: toPlain(error) })
    }
  })
  return new Promise(() => {})
}

function paced(show: (progress: Progress) => void): (progress: Progress) => void {
  let shownAt = Number.NEGATIVE_INFINITY
  return (progress) => {
    const now = performance.now()
    if (now - shownAt < PROGRESS_MS) return
    shownAt = now
    show(progress)
  }
}

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message)
}
