/** Batch threads of a Node process: worker_threads behind comlink. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Recipe } from '../../core/data/augment/recipe'
import type { BatchPool } from '../../core/data/batches/batchFeed'
import { ThreadPool } from '../threadPool'
import { startWorkerThread } from './workerThread'

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
    Array.from({ length: count }, () => startWorkerThread(script, root)),
  )
}
