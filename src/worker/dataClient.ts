/** The page's end of the data worker; a worker that dies becomes a refusal. */
import * as Comlink from 'comlink'
import { BasinError, toPlain } from '../base/errors'
import type { DataApi } from './dataProtocol'
import type { Reply } from './protocol'

export function createDataLab(): DataApi {
  const worker = new Worker(new URL('./data.worker.ts', import.meta.url), {
    type: 'module',
    name: 'basin-data',
  })
  const remote = Comlink.wrap<DataApi>(worker)
  const death = new Promise<Reply<never>>((resolve) => {
    worker.onerror = (event) => {
      event.preventDefault()
      const reason = event.message || 'its script could not be loaded'
      const error = new BasinError('internal', `data worker: stopped (${reason})`, 'Reload the page.')
      resolve({ ok: false, error: toPlain(error) })
    }
  })
  const ask = <T>(reply: Promise<Reply<T>>): Promise<Reply<T>> =>
    Promise.race([reply.catch((error): Reply<never> => ({ ok: false, error: toPlain(error) })), death])
  return {
    init: (datasetsUrl) => ask(remote.init(datasetsUrl)),
    list: () => ask(remote.list()),
    examine: (files, settings, onStatus) => ask(remote.examine(files, settings, Comlink.proxy(onStatus))),
    reconsider: (settings) => ask(remote.reconsider(settings)),
    importPicked: (settings, onStatus) => ask(remote.importPicked(settings, Comlink.proxy(onStatus))),
    cancel: () => ask(remote.cancel()),
    remove: (name) => ask(remote.remove(name)),
    preview: (request) => ask(remote.preview(request)),
    augmented: (place, config) => ask(remote.augmented(place, config)),
  }
}
