/**
 * The page's end of the data worker. A worker that dies becomes a refusal; one that does not answer to Cancel is ended,
 * with the lock it holds, and another takes its place.
 */
import * as Comlink from 'comlink'
import { BasinError } from '../base/errors'
import { type Reply, refusal } from '../base/reply'
import type { DataApi } from './dataProtocol'
import { ask, commands, outgoing } from './wire'

/** A started worker. */
export interface DataThread {
  endpoint: Comlink.Endpoint
  terminate(): void
  onFailure(failed: (reason: string) => void): void
}

/** A worker, and what its commands come to once it answers no more. */
interface Running {
  thread: DataThread
  remote: Comlink.Remote<DataApi>
  ended: Promise<Reply<never>>
  end(error: BasinError): void
}

/** A worker that is at something else looks at its messages far sooner. */
const PATIENCE_MS = 3000

export function createDataLab(start: () => DataThread = startWorker, patienceMs = PATIENCE_MS): DataApi {
  let datasetsUrl: string | undefined
  let running = run(start())

  const answer = <T>(command: (remote: Comlink.Remote<DataApi>) => Promise<Reply<T>>): Promise<Reply<T>> => {
    return Promise.race([command(running.remote).catch(refusal), running.ended])
  }

  async function replace(): Promise<void> {
    running.thread.terminate()
    running.end(new BasinError('cancelled', 'import: cancelled'))
    running = run(start())
    const url = datasetsUrl
    if (url !== undefined) await answer((remote) => remote.init(url))
  }

  const own = {
    init(url: string) {
      datasetsUrl = url
      return answer((remote) => remote.init(url))
    },
    async cancel(): Promise<Reply<boolean>> {
      let timer: ReturnType<typeof setTimeout> | undefined
      const silence = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, patienceMs, undefined)
      })
      const reply = await Promise.race([answer((remote) => remote.cancel()), silence])
      clearTimeout(timer)
      if (reply) return reply
      await replace()
      return { ok: true, value: false }
    },
  }
  return commands<DataApi, typeof own>(own, (name, args) =>
    answer((remote) => ask(remote, name, outgoing(args))),
  )
}

function run(thread: DataThread): Running {
  let end: Running['end'] = () => {}
  const ended = new Promise<Reply<never>>((resolve) => {
    end = (error) => resolve(refusal(error))
  })
  thread.onFailure((reason) =>
    end(new BasinError('internal', `data worker: stopped (${reason})`, 'Reload the page.')),
  )
  return { thread, remote: Comlink.wrap<DataApi>(thread.endpoint), ended, end }
}

function startWorker(): DataThread {
  const worker = new Worker(new URL('./data/data.worker.ts', import.meta.url), {
    type: 'module',
    name: 'basin-data',
  })
  return {
    endpoint: worker,
    terminate: () => worker.terminate(),
    onFailure: (failed) => {
      worker.onerror = (event) => {
        event.preventDefault()
        failed(event.message || 'its script could not be loaded')
      }
    },
  }
}
