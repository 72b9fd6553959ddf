/** Batch threads of a Node process: worker_threads behind comlink. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import type { Recipe } from '../../core/data/augment/recipe'
import type { BatchPool } from '../../core/data/batchFeed'
import { type Thread, ThreadPool } from '../threadPool'

const MOST = 4

export interface NodeThreads {
  /** Folder that `node_modules` is in. */
  root: string
  /** Default: one less than the machine's cores, for the training thread itself, at most four. */
  size?: number
  /** Bundle of batchThread.ts. */
  script?: URL
}

/** @returns undefined where the bundle is not there, as when sources are run directly */
export function openNodeThreads(
  recipe: Recipe,
  { root, size, script = new URL('./batchThread.mjs', import.meta.url) }: NodeThreads,
): BatchPool | undefined {
  if (!existsSync(fileURLToPath(script))) return undefined
  const count = size ?? Math.max(1, Math.min(MOST, availableParallelism() - 1))
  return new ThreadPool(
    recipe,
    Array.from({ length: count }, () => startThread(script, root)),
  )
}

function startThread(script: URL, root: string): Thread {
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
