/** Batches for looking at a split without changing it: in order, not augmented, the last incomplete one kept. */
import { type Batch, type Dataset, labelArray } from './dataset'
import { normalisationTable, normaliseInto } from './normalise'

export type SplitName = 'train' | 'test'

/** `indices` are the images' positions in the split, in the batch's order. */
export type EvalBatch = Batch & { indices: Uint32Array }

/** @param indices which images, in this order; absent: all of the split */
export function* evalBatches(
  dataset: Dataset,
  split: SplitName,
  batchSize: number,
  indices?: Uint32Array,
): Generator<EvalBatch> {
  const { images: pixels, labels: allLabels, count: splitCount } = dataset[split]
  const imageSize = dataset.height * dataset.width * dataset.channels
  const table = normalisationTable(dataset)
  const total = indices?.length ?? splitCount
  for (let first = 0; first < total; first += batchSize) {
    const count = Math.min(batchSize, total - first)
    const chosen =
      indices?.slice(first, first + count) ?? Uint32Array.from({ length: count }, (_, i) => first + i)
    const images = new Float32Array(count * imageSize)
    const labels = labelArray(count, dataset.classNames.length)
    chosen.forEach((index, i) => {
      normaliseInto(pixels.subarray(index * imageSize, (index + 1) * imageSize), table, images, i * imageSize)
      labels[i] = allLabels[index]
    })
    yield { images, labels, count, indices: chosen }
  }
}
