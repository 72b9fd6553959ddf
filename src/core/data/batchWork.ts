/** What goes between the training thread and a thread that prepares batches, and the latter's side of it. */
import { Preparer, type RawBatch } from './augment/prepare'
import type { Recipe } from './augment/recipe'

/** The recipe once, then raw batches. */
export type ToBatchThread = { recipe: Recipe } | { id: number; raw: RawBatch }

export interface FromBatchThread {
  id: number
  images: Float32Array
}

/** @returns what answers a message; undefined for the recipe */
export function batchThread(): (message: ToBatchThread) => FromBatchThread | undefined {
  let preparer: Preparer | undefined
  return (message) => {
    if ('recipe' in message) {
      preparer = new Preparer(message.recipe)
      return undefined
    }
    if (!preparer) return undefined
    return { id: message.id, images: preparer.prepare(message.raw) }
  }
}
