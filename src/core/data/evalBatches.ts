/**
 * Batches for looking at a split without changing it: in order, not augmented, the last incomplete one kept. Images of
 * another size than the network's are resized after normalisation; ImageNet's are cropped at the centre before.
 */
import { type ImageShape, sizeOf } from './augment/image'
import { bicubicResize } from './bicubic'
import { type Batch, type Dataset, storedShape } from './dataset'
import { centreCrop, cropImage } from './imagenetCrop'
import { labelArray } from './labels'
import { normalisationTable, normaliseFloats, normaliseInto } from './normalise'

export type SplitName = 'train' | 'test'

/** `indices` are the images' positions in the split, in the batch's order. */
export type EvalBatch = Batch & { indices: Uint32Array }

/** @param indices which images, in this order; absent: all of the split */
export async function* evalBatches(
  dataset: Dataset,
  split: SplitName,
  batchSize: number,
  indices?: Uint32Array,
): AsyncGenerator<EvalBatch> {
  const { images, lazy, labels: allLabels, count: splitCount } = dataset[split]
  const size = sizeOf(storedShape(dataset))
  const toImages = dataset.pipeline === 'imagenet' ? croppedImages(dataset) : wholeImages(dataset)
  const total = indices?.length ?? splitCount
  for (let first = 0; first < total; first += batchSize) {
    const count = Math.min(batchSize, total - first)
    const chosen =
      indices?.slice(first, first + count) ?? Uint32Array.from({ length: count }, (_, i) => first + i)
    const labels = labelArray(count, dataset.classNames.length)
    chosen.forEach((index, i) => {
      labels[i] = allLabels[index]
    })
    const pixels = (await lazy?.pixels(chosen)) ?? pick(images, chosen, size)
    yield { images: toImages(pixels, count), labels, count, indices: chosen }
  }
}

/** The images at these positions, one after another. */
function pick(images: Uint8Array, positions: Uint32Array, size: number): Uint8Array {
  const pixels = new Uint8Array(positions.length * size)
  positions.forEach((position, i) => {
    pixels.set(images.subarray(position * size, (position + 1) * size), i * size)
  })
  return pixels
}

/** From [count, height, width, channels] uint8 as stored to what the network sees. */
type ToImages = (pixels: Uint8Array, count: number) => Float32Array

function wholeImages(dataset: Dataset): ToImages {
  const stored = storedShape(dataset)
  const table = normalisationTable(dataset)
  const resize = sameSide(stored, dataset) ? undefined : bicubicResize(stored, dataset)
  return (pixels, count) => {
    const images = new Float32Array(pixels.length)
    normaliseInto(pixels, table, images, 0)
    return resize ? resize(images, count) : images
  }
}

function croppedImages(dataset: Dataset): ToImages {
  const stored = storedShape(dataset)
  const storedSize = sizeOf(stored)
  const size = sizeOf(dataset)
  const crop = centreCrop(stored.height, stored.width, dataset.height)
  const resize = bicubicResize({ ...crop, channels: stored.channels }, dataset)
  return (pixels, count) => {
    const images = new Float32Array(count * size)
    for (let i = 0; i < count; i++) {
      const image = pixels.subarray(i * storedSize, (i + 1) * storedSize)
      images.set(resize(cropImage(image, stored, crop), 1), i * size)
    }
    normaliseFloats(images, dataset)
    return images
  }
}

function sameSide(stored: ImageShape, { height, width }: Dataset): boolean {
  return stored.height === height && stored.width === width
}
