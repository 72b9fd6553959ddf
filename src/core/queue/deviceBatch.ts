/** A batch on its way to the device: images normalised (there, where the device can), labels as one-hot rows, mixed as the images were. */
import { decodeImages } from '../../engine/ops/decodeImages/decodeImages'
import * as tf from '../../engine/tf'
import { mixup } from '../data/augment/batchLevel'
import { evalBatches } from '../data/batches/evalBatches'
import type { Dataset, UploadBatch } from '../data/dataset'
import type { DeviceBatch } from '../step/types'

/**
 * The caller disposes the tensors.
 * @param gates [N·W] this batch's draws, where the network has gates and trains
 */
export function uploadBatch(
  batch: UploadBatch,
  { height, width, channels, classNames }: Pick<Dataset, 'height' | 'width' | 'channels' | 'classNames'>,
  gates?: Float32Array,
): DeviceBatch {
  const classes = classNames.length
  const shape: [number, number, number, number] = [batch.count, height, width, channels]
  const oneHot = new Float32Array(batch.count * classes)
  for (let i = 0; i < batch.count; i++) oneHot[i * classes + batch.labels[i]] = 1
  if (batch.mixup !== undefined) mixup(oneHot, batch.count, batch.mixup)
  return {
    images:
      batch.images instanceof Float32Array
        ? tf.tensor4d(batch.images, shape)
        : decodeImages(batch.images, shape),
    labels: tf.tensor2d(oneHot, [batch.count, classes]),
    ...(gates && { gates: tf.tensor2d(gates, [batch.count, gates.length / batch.count]) }),
  }
}

/** Images that are looked at again and again: all of them or none. Arguments as those of `evalBatches`. */
export async function uploadAll(...images: Parameters<typeof evalBatches>): Promise<DeviceBatch[]> {
  const [dataset] = images
  const batches: DeviceBatch[] = []
  try {
    for await (const batch of evalBatches(...images)) batches.push(uploadBatch(batch, dataset))
    return batches
  } catch (error) {
    batches.forEach(disposeBatch)
    throw error
  }
}

export function disposeBatch({ images, labels, gates }: DeviceBatch): void {
  tf.dispose([images, labels, ...(gates ? [gates] : [])])
}
