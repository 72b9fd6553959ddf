/**
 * The page's end of the wire: starts the worker and hands out its commands. A worker that dies does not answer any
 * more; here that becomes an event and a refusal, so that the page never waits for it.
 */
import * as Comlink from 'comlink'
import { BasinError, type PlainError, toPlain } from '../base/errors'
import type { LabApi, LabEvent, Reply } from './protocol'

export interface Lab {
  api: LabApi
  /** Ends the worker at once. */
  dispose(): void
}

export function createLab(): Lab {
  const worker = new Worker(new URL('./lab.worker.ts', import.meta.url), {
    type: 'module',
    name: 'basin-lab',
  })
  const remote = Comlink.wrap<LabApi>(worker)
  let onEvent: ((event: LabEvent) => void) | undefined
  let die: (error: PlainError) => void
  const death = new Promise<PlainError>((resolve) => {
    die = resolve
  })
  death.then((error) => onEvent?.({ type: 'state', state: 'failed', error }))
  worker.onerror = (event) => {
    event.preventDefault()
    die(diedOf(event.message || 'its script could not be loaded'))
  }
  worker.onmessageerror = () => die(diedOf('a message could not be read'))

  const refusal = death.then((error): Reply<never> => ({ ok: false, error }))
  /** The reply, or the refusal of a worker that is no longer there. */
  const ask = <T>(reply: Promise<Reply<T>>): Promise<Reply<T>> =>
    Promise.race([reply.catch((error): Reply<never> => ({ ok: false, error: toPlain(error) })), refusal])

  const api: LabApi = {
    init(options, callback) {
      onEvent = callback
      return ask(remote.init(options, Comlink.proxy(callback)))
    },
    start: (config, options) => ask(remote.start(config, options)),
    pause: () => ask(remote.pause()),
    resume: () => ask(remote.resume()),
    stop: () => ask(remote.stop()),
    step: (config) => ask(remote.step(config)),
    profile: () => ask(remote.profile()),
    reset: () => ask(remote.reset()),
    slice: (request) => ask(remote.slice(request)),
    cancelSlice: () => ask(remote.cancelSlice()),
    plan: (config, images) => ask(remote.plan(config, images)),
    exportWeights: (run, format) => ask(remote.exportWeights(run, format)),
    loadPretrained: (filename, bytes) => ask(remote.loadPretrained(filename, bytes)),
    importWeights: (run, filename, bytes, fallback) =>
      ask(remote.importWeights(run, filename, bytes, fallback)),
  }
  return {
    api,
    dispose() {
      onEvent = undefined
      worker.terminate()
      die(diedOf('it was closed'))
    },
  }
}

function diedOf(reason: string): PlainError {
  return toPlain(
    new BasinError(
      'device',
      `worker: the training worker stopped (${reason})`,
      'Reload the page to start again.',
    ),
  )
}
