/**
 * Batches for looking at a split without changing it: in order, not augmented, the last incomplete one kept. With a
 * pool of threads the next batches are decoded, cropped and resized there while the device works on one.
 */
import { sizeOf } from '../augment/image'
import { type Batch, type Dataset, storedShape } from '../dataset'
import { labelArray } from '../labels'
import type { BatchPool } from './batchFeed'
import { lookOf, sameSide, type ToImages, toImages } from './evalImages'

export type SplitName = 'train' | 'test'

/** `indices` are the images' positions in the split, in the batch's order. */
export type EvalBatch = Batch & { indices: Uint32Array }

/**
 * @param indices which images, in this order; absent: all of the split
 * @param pool its threads know this data set's recipe; what a batch holds is the same without
 */
export async function* evalBatches(
  dataset: Dataset,
  split: SplitName,
  batchSize: number,
  indices?: Uint32Array,
  pool?: Pick<BatchPool, 'size' | 'prepareToLookAt'>,
): AsyncGenerator<EvalBatch> {
  const total = indices?.length ?? dataset[split].count
  const make = imagesOf(dataset, split, pool)
  const start = (first: number) => {
    const count = Math.min(batchSize, total - first)
    const chosen =
      indices?.slice(first, first + count) ?? Uint32Array.from({ length: count }, (_, i) => first + i)
    const images = make(chosen)
    // Whoever takes the batch hears of it; nobody does when the evaluation is given up.
    images.catch(() => {})
    return { chosen, images }
  }
  const started: ReturnType<typeof start>[] = []
  // One batch in each thread and one waiting for it.
  const ahead = pool ? 2 * pool.size : 1
  let next = 0
  for (let first = 0; first < total; first += batchSize) {
    for (; next < Math.min(total, first + ahead * batchSize); next += batchSize) started.push(start(next))
    const { chosen, images } = started.shift()!
    yield {
      images: await images,
      labels: labelsOf(dataset, split, chosen),
      count: chosen.length,
      indices: chosen,
    }
  }
}

/** From positions in the split to what the network sees of them. */
function imagesOf(
  dataset: Dataset,
  split: SplitName,
  pool: Pick<BatchPool, 'prepareToLookAt'> | undefined,
): (chosen: Uint32Array) => Promise<Float32Array> {
  const { images, lazy } = dataset[split]
  const look = lookOf(dataset)
  const size = sizeOf(storedShape(dataset))
  let here: ToImages | undefined
  const alone = async (chosen: Uint32Array) => {
    here ??= toImages(look)
    return here((await lazy?.pixels(chosen)) ?? pick(images, chosen, size), chosen.length)
  }
  // What only has to be looked up in a table is not worth the way to a thread.
  if (!pool || !(lazy || look.imagenet || !sameSide(look.stored, look.input))) return alone
  return async (chosen) => {
    const stored = (await lazy?.read(chosen)) ?? { pixels: pick(images, chosen, size) }
    // Lost threads are no reason to stop.
    return pool.prepareToLookAt(stored, chosen.length).catch(() => alone(chosen))
  }
}

function labelsOf(dataset: Dataset, split: SplitName, chosen: Uint32Array) {
  const labels = labelArray(chosen.length, dataset.classNames.length)
  chosen.forEach((index, i) => {
    labels[i] = dataset[split].labels[index]
  })
  return labels
}

/** The images at these positions, one after another. */
function pick(images: Uint8Array, positions: Uint32Array, size: number): Uint8Array {
  const pixels = new Uint8Array(positions.length * size)
  positions.forEach((position, i) => {
    pixels.set(images.subarray(position * size, (position + 1) * size), i * size)
  })
  return pixels
}
