/** The page's end of the library worker, which starts with the first command. A worker that dies becomes a refusal. */
import * as Comlink from 'comlink'
import { BasinError } from '../base/errors'
import { type Reply, refusal } from '../base/reply'
import type { LibraryApi } from './libraryProtocol'
import { ask, commands, outgoing } from './wire'

interface Running {
  remote: Comlink.Remote<LibraryApi>
  /** Resolves once it answers no more. */
  ended: Promise<Reply<never>>
}

/** @param served address of the folder of runs that the page's server shows, if it does */
export function createLibrary(served: string | undefined): LibraryApi {
  let running: Running | undefined
  const start = (): Running => {
    const worker = new Worker(new URL('./library/library.worker.ts', import.meta.url), {
      type: 'module',
      name: 'basin-library',
    })
    const ended = new Promise<Reply<never>>((resolve) => {
      worker.onerror = (event) => {
        event.preventDefault()
        worker.terminate()
        // The next command starts another.
        running = undefined
        resolve(refusal(stopped(event.message || 'its script could not be loaded')))
      }
    })
    const remote = Comlink.wrap<LibraryApi>(worker)
    // Taken before any other command. A worker that cannot says so by its end.
    remote.init(served).catch(() => {})
    return { remote, ended }
  }
  const own = { init: async (): Promise<Reply> => ({ ok: true, value: undefined }) }
  return commands<LibraryApi, typeof own>(own, (name, args) => {
    running ??= start()
    const { remote, ended } = running
    return Promise.race([ask(remote, name, outgoing(args)).catch(refusal), ended])
  })
}

const stopped = (reason: string) =>
  new BasinError('internal', `library worker: stopped (${reason})`, 'Try again, or reload the page.')
