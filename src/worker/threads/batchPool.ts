/** Batch threads of a page. */
import * as Comlink from 'comlink'
import type { Recipe } from '../../core/data/augment/recipe'
import type { BatchPool } from '../../core/data/batches/batchFeed'
import { type Lifeline, watchLifeline } from '../../platform/browser/lifeline'
import { type Thread, ThreadPool } from '../../platform/threadPool'

/** At most so many: the first two bring nearly all there is to gain. */
const MOST = 4

/** Threads for a page: one less than the machine has, for the training worker itself. */
export function openBatchPool(recipe: Recipe): BatchPool | undefined {
  if (typeof Worker === 'undefined') return undefined
  const size = Math.max(1, Math.min(MOST, (navigator.hardwareConcurrency ?? 2) - 1))
  try {
    return new ThreadPool(recipe, Array.from({ length: size }, startThread))
  } catch {
    return undefined
  }
}

function startThread(): Thread {
  const worker = new Worker(new URL('./batch.worker.ts', import.meta.url), { type: 'module' })
  return {
    endpoint: worker,
    terminate: () => worker.terminate(),
    onFailure: (failed) => {
      worker.onerror = failed
      void watchLifeline(Comlink.wrap<Lifeline>(worker), failed)
    },
  }
}
