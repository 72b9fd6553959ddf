/** How the training images are shared out over updates. */
import type { RunConfig } from './schema'

export type BatchSettings = Pick<RunConfig, 'batch_size' | 'full_batch'>

/** Updates an epoch; the images of a last batch that is not whole are left out, but for full-batch steps. */
export const stepsAnEpoch = (numTrain: number, { batch_size, full_batch }: BatchSettings): number =>
  full_batch ? 1 : Math.floor(numTrain / batch_size)

/** Batches that an update's gradient is summed over. */
export const batchesAStep = (numTrain: number, { batch_size, full_batch }: BatchSettings): number =>
  full_batch ? Math.ceil(numTrain / batch_size) : 1

/** Images that an update sees. */
export const imagesAStep = (numTrain: number, { batch_size, full_batch }: BatchSettings): number =>
  full_batch ? numTrain : batch_size
