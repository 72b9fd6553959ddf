/**
 * The training batches of a whole run, addressed by step. Order and augmentation of an epoch are drawn from streams
 * of their own, in full and before its first batch; so what batch k holds depends on the seed and k alone, never on
 * where a run was resumed, how far batches are prefetched or in which order they are asked for.
 */
import type { RunConfig } from '../config/schema'
import { BasinError } from '../errors'
import { randomStream } from '../random'
import { DRAWS_PER_IMAGE, drawBasic, flipPadCrop } from './augment/basic'
import { type Batch, type Dataset, labelArray } from './dataset'
import { normalisationTable, normaliseInto } from './normalise'

export type BatchConfig = Pick<RunConfig, 'batch_size' | 'run_seed' | 'image_level_augmentations'>

interface Epoch {
  epoch: number
  /** [number of training images] */
  order: Uint32Array
  /** By position in the order, not by image; undefined without augmentation. */
  draws: Uint8Array | undefined
}

export class BatchStream {
  /** The last incomplete batch is dropped. */
  readonly stepsPerEpoch: number
  readonly #dataset: Dataset
  readonly #config: BatchConfig
  readonly #table: Float32Array
  readonly #imageSize: number
  #epoch: Epoch | undefined

  /** @throws BasinError `config` when there are fewer training images than one batch */
  constructor(dataset: Dataset, config: BatchConfig) {
    const { count } = dataset.train
    if (config.batch_size > count) {
      throw new BasinError(
        'config',
        `batch_size: at most the number of training images (${count}), got ${config.batch_size}`,
        'Choose a smaller batch_size or a larger num_train_examples.',
      )
    }
    this.stepsPerEpoch = Math.floor(count / config.batch_size)
    this.#dataset = dataset
    this.#config = config
    this.#table = normalisationTable(dataset)
    this.#imageSize = dataset.height * dataset.width * dataset.channels
  }

  /**
   * @param step counts from 0 over the whole run
   * @returns a batch of exactly `batch_size` images, the caller's to keep
   */
  batchAt(step: number): Batch {
    const { batch_size: batchSize } = this.#config
    const { train } = this.#dataset
    const size = this.#imageSize
    const { order, draws } = this.#drawEpoch(Math.floor(step / this.stepsPerEpoch))
    const first = (step % this.stepsPerEpoch) * batchSize
    const images = new Float32Array(batchSize * size)
    const labels = labelArray(batchSize, this.#dataset.classNames.length)
    const augmented = new Uint8Array(size)
    for (let i = 0; i < batchSize; i++) {
      const position = first + i
      const index = order[position]
      let image = train.images.subarray(index * size, (index + 1) * size)
      if (draws) {
        const draw = draws.subarray(position * DRAWS_PER_IMAGE, (position + 1) * DRAWS_PER_IMAGE)
        flipPadCrop(image, this.#dataset, draw, augmented)
        image = augmented
      }
      normaliseInto(image, this.#table, images, i * size)
      labels[i] = train.labels[index]
    }
    return { images, labels, count: batchSize }
  }

  #drawEpoch(epoch: number): Epoch {
    if (this.#epoch?.epoch === epoch) return this.#epoch
    const { run_seed: seed, image_level_augmentations: augmentation } = this.#config
    const { count } = this.#dataset.train
    const order = Uint32Array.from({ length: count }, (_, i) => i)
    randomStream(seed, 'order', epoch).shuffle(order)
    const draws =
      augmentation === 'basic' ? drawBasic(randomStream(seed, 'augmentation', epoch), count) : undefined
    this.#epoch = { epoch, order, draws }
    return this.#epoch
  }
}
