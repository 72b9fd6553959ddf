/** A thread that prepares batches, without the wire: threadPool.ts has that. */
import type { ImageDecoder } from '../../ports'
import { Preparer, type RawBatch } from '../augment/prepare'
import type { Recipe } from '../augment/recipe'
import { decodePictures } from '../pictures/decodePicture'
import type { StoredImages } from '../shards/lazyImages'
import { type ToImages, toImages } from './evalImages'

/** What the training thread asks of it. */
export interface BatchThread {
  /** Before all batches. */
  open(recipe: Recipe): void
  /** @returns [n, height, width, channels] float32, normalised */
  prepare(raw: RawBatch): Promise<Float32Array>
  /** Of images that are only looked at: the same without any augmentation. */
  prepareToLookAt(stored: StoredImages, count: number): Promise<Float32Array>
}

/** @param decode for sets that are stored as picture files */
export function batchThread(decode: ImageDecoder): BatchThread {
  let preparer: Preparer | undefined
  let plain: ToImages | undefined
  let side = 0
  return {
    open(recipe) {
      preparer = new Preparer(recipe)
      plain = toImages(recipe)
      side = recipe.stored.height
    },
    async prepareToLookAt({ pixels, files = [] }, count) {
      if (!plain) throw new Error('batch thread: opened first')
      return plain(pixels ?? (await decodePictures(files, decode, side)), count)
    },
    async prepare({ files, ...raw }) {
      if (!preparer) throw new Error('batch thread: opened first')
      return preparer.prepare(files ? { ...raw, pixels: await decodePictures(files, decode, side) } : raw)
    },
  }
}
