/**
 * `use_test_set = false`: which training images are kept back and evaluated on in the test set's place.
 * Source: sam_jax/datasets/dataset_source.py (the reference's splits).
 *
 * Differs: the reference cuts TensorFlow Datasets' order, which is shuffled by a hash when the set is prepared; here
 * the official archive's order is cut, at the same places.
 */
import { randomStream } from '../../../base/random'

/** First held-out image, and the one after the last, of the whole official training files. */
const OFFICIAL: Record<string, readonly [number, number]> = {
  cifar10: [45_000, 50_000],
  cifar100: [45_000, 50_000],
  fashion_mnist: [54_000, 60_000],
  mnist: [54_000, 60_000],
  // train[65929:]; the extra images come after it and all stay.
  svhn: [65_929, 73_257],
}

/**
 * @param scattered the images come class by class: a tenth of them is drawn, the same for every seed
 * @returns [numTrain], 1 where the image is held out. A set of another size than the official one gives its last tenth.
 */
export function heldOutImages(name: string, numTrain: number, scattered: boolean): Uint8Array {
  const marks = new Uint8Array(numTrain)
  const tenth = Math.max(1, Math.floor(numTrain / 10))
  if (scattered) {
    const order = randomStream(0, 'subset').shuffle(Uint32Array.from(marks, (_, i) => i))
    for (const image of order.subarray(0, tenth)) marks[image] = 1
    return marks
  }
  const [start, end] = OFFICIAL[name] ?? [numTrain, numTrain]
  if (end <= numTrain && start < end) marks.fill(1, start, end)
  else marks.fill(1, numTrain - tenth)
  return marks
}
