/** A thread of a Node process behind comlink. */
import { Worker } from 'node:worker_threads'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import type { Thread } from '../threadPool'

/** @param root folder that `node_modules` is in; the script finds it in its workerData */
export function startWorkerThread(script: URL, root: string): Thread {
  const worker = new Worker(script, { workerData: { root } })
  return {
    endpoint: nodeEndpoint(worker),
    terminate: () => void worker.terminate(),
    onFailure: (failed) => {
      worker.on('error', failed)
      worker.on('exit', failed)
    },
  }
}
