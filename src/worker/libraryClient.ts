/** The page's end of the library worker, which starts with the first command. A worker that dies becomes a refusal. */
import * as Comlink from 'comlink'
import { BasinError, toPlain } from '../base/errors'
import type { LibraryApi } from './libraryProtocol'
import type { Reply } from './protocol'
import { ask, commands, outgoing } from './wire'

interface Running {
  remote: Comlink.Remote<LibraryApi>
  /** Resolves once it answers no more. */
  ended: Promise<Reply<never>>
}

export function createLibrary(): LibraryApi {
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
        resolve({ ok: false, error: toPlain(stopped(event.message || 'its script could not be loaded')) })
      }
    })
    return { remote: Comlink.wrap<LibraryApi>(worker), ended }
  }
  return commands<LibraryApi, object>({}, (name, args) => {
    running ??= start()
    const { remote, ended } = running
    const reply = (ask(remote, name, outgoing(args)) as Promise<Reply<unknown>>).catch(
      (error): Reply<never> => ({ ok: false, error: toPlain(error) }),
    )
    return Promise.race([reply, ended])
  })
}

const stopped = (reason: string) =>
  new BasinError('internal', `library worker: stopped (${reason})`, 'Try again, or reload the page.')
