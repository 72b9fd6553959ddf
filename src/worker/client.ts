/**
 * The page's end of the wire: starts the worker and hands out its commands. A worker that dies does not answer any
 * more; here that becomes an event and a refusal, so that the page never waits for it.
 */
import * as Comlink from 'comlink'
import { BasinError, type PlainError, toPlain } from '../base/errors'
import { type Reply, refusal } from '../base/reply'
import { watchLifeline } from '../platform/browser/lifeline'
import type { InitOptions, LabApi, LabEvent, StartThread, WorkerApi } from './protocol'
import { ask, commands } from './wire'

export interface Lab {
  api: LabApi
  /** Whether the worker itself is gone; one that only lost its GPU still packs files. */
  ended(): boolean
  /** Ends the worker at once. */
  dispose(): void
}

export function createLab(): Lab {
  const worker = new Worker(new URL('./lab/lab.worker.ts', import.meta.url), {
    type: 'module',
    name: 'basin-lab',
  })
  const remote = Comlink.wrap<WorkerApi>(worker)
  const threads: Worker[] = []
  let onEvent: ((event: LabEvent) => void) | undefined
  let refuse: (reply: Reply<never>) => void
  const death = new Promise<Reply<never>>((resolve) => {
    refuse = resolve
  })
  let ended = false
  const die = (reason: string) => {
    ended = true
    // After an error it would go on, half broken, beside the worker that takes its place.
    for (const started of [worker, ...threads]) started.terminate()
    const error = diedOf(reason)
    onEvent?.({ type: 'state', state: 'failed', error, lost: true })
    onEvent = undefined
    refuse({ ok: false, error })
  }
  worker.onerror = (event) => {
    event.preventDefault()
    die(event.message || 'its script could not be loaded')
  }
  worker.onmessageerror = () => die('a message could not be read')
  void watchLifeline(remote, () => die('it ended without a word'))

  /** The reply, or the refusal of a worker that is no longer there. */
  const answer = <T>(reply: Promise<Reply<T>>): Promise<Reply<T>> =>
    Promise.race([reply.catch(refusal), death])

  // Here and not in the worker: one of Firefox's that starts a worker may stand still for good.
  const startThread: StartThread = (data) => {
    if (ended) return
    const thread = new Worker(new URL('./threads/kernels.worker.ts', import.meta.url), {
      type: 'module',
      name: 'basin-kernels',
    })
    thread.postMessage(data)
    threads.push(thread)
  }

  const own = {
    init(options: InitOptions, callback: (event: LabEvent) => void) {
      onEvent = callback
      // What a worker sent before its end may arrive after it.
      const whileOpen = (event: LabEvent) => onEvent?.(event)
      return answer(remote.init(options, Comlink.proxy(whileOpen), Comlink.proxy(startThread)))
    },
  }
  const api = commands<LabApi, typeof own>(own, (name, args) => answer(ask(remote, name, args)))
  return {
    api,
    ended: () => ended,
    dispose() {
      onEvent = undefined
      die('it was closed')
    },
  }
}

function diedOf(reason: string): PlainError {
  return toPlain(
    new BasinError('device', `worker: the training worker stopped (${reason})`, 'Train starts a new one.'),
  )
}
