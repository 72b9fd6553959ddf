/**
 * The training batches of a whole run, addressed by step. Order and augmentation of an epoch are drawn from streams
 * of their own, in full and before its first batch or image by image; so what batch k holds depends on the seed and k
 * alone, never on where a run was resumed, how far batches are prefetched, by how many threads or in which order.
 */

import { BasinError } from '../../../base/errors'
import { randomStream } from '../../../base/random'
import { type BatchSettings, batchesAStep, stepsAnEpoch } from '../../config/steps'
import { DRAWS_PER_IMAGE, drawBasic } from '../augment/basic'
import { BatchEncoder } from '../augment/batchEncoder'
import { sizeOf } from '../augment/image'
import { Preparer, type RawBatch } from '../augment/prepare'
import { type AugmentConfig, type Recipe, recipeOf } from '../augment/recipe'
import { mixupShare } from '../augment/recipeDraws'
import type { Batch, Dataset, UploadBatch } from '../dataset'
import { type Labels, labelArray } from '../labels'

export type BatchConfig = AugmentConfig & BatchSettings

interface Epoch {
  epoch: number
  /** [number of training images] */
  order: Uint32Array
  /** By position in the order, not by image; undefined unless flips and crops are asked for. */
  draws: Uint8Array | undefined
}

export class BatchStream {
  /** The last incomplete batch is dropped; full-batch steps take it too. */
  readonly stepsPerEpoch: number
  /** Batches that one step sums over. They are counted through: step s has those from s · batchesPerStep on. */
  readonly batchesPerStep: number
  /** What is done to the images. */
  readonly recipe: Recipe
  readonly #dataset: Dataset
  readonly #batchSize: number
  readonly #preparer: Preparer
  #encoder: BatchEncoder | undefined
  /** The last two: batches ahead are of the next one before the last of this one are taken. */
  #epochs: Epoch[] = []

  /** @throws BasinError `config` when there are fewer training images than one batch, or they are too small */
  constructor(dataset: Dataset, config: BatchConfig) {
    const { count } = dataset.train
    if (config.batch_size > count && !config.full_batch) {
      throw new BasinError(
        'config',
        `batch_size: at most the number of training images (${count}), got ${config.batch_size}`,
        'Choose a smaller batch_size or a larger num_train_examples.',
      )
    }
    this.stepsPerEpoch = stepsAnEpoch(count, config)
    this.batchesPerStep = batchesAStep(count, config)
    this.recipe = recipeOf(config, dataset)
    this.#dataset = dataset
    this.#batchSize = config.batch_size
    this.#preparer = new Preparer(this.recipe)
  }

  /**
   * @param step counts batches from 0 over the whole run
   * @returns a batch of `batch_size` images (the last of a full-batch step may be shorter), the caller's to keep
   */
  batchAt(step: number): Batch {
    return this.finish(step, this.#preparer.prepare(this.rawAt(step)))
  }

  /** Whether every epoch's images are the same, but for their order. */
  get constant(): boolean {
    const { imagenet, policy, basic, mixupAlpha, cutoutLength } = this.recipe
    return !(imagenet || policy || basic || mixupAlpha > 0 || cutoutLength > 0)
  }

  get #batchesPerEpoch(): number {
    return this.stepsPerEpoch * this.batchesPerStep
  }

  /** Whether nothing happens to the images but what a device can do to uint8 pixels. */
  get decodable(): boolean {
    const { stored, input, imagenet, policy } = this.recipe
    const resized = stored.height !== input.height || stored.width !== input.width
    return !(this.#dataset.train.lazy || imagenet || resized || policy)
  }

  /** The batch of a step as `batchAt` has it, but for the device to make. Only where it is `decodable`. */
  encodedAt(step: number): UploadBatch {
    this.#encoder ??= new BatchEncoder(this.recipe)
    const { images, mixup } = this.#encoder.encode(this.rawAt(step))
    const labels = this.#labelsOf(step)
    return { images, labels, mixup, count: labels.length }
  }

  /** The batch of a step whose images may have to be read first. @throws BasinError `data-damaged`, `data-missing` */
  async make(step: number): Promise<Batch> {
    const { lazy } = this.#dataset.train
    if (!lazy) return this.batchAt(step)
    const place = this.#placeOf(step)
    const raw = { ...place, pixels: await lazy.pixels(place.indices) }
    return this.finish(step, this.#preparer.prepare(raw))
  }

  /** The raw batch of a step for a thread to prepare. @throws BasinError `data-damaged`, `data-missing` */
  async read(step: number): Promise<RawBatch> {
    const { lazy } = this.#dataset.train
    if (!lazy) return this.rawAt(step)
    const place = this.#placeOf(step)
    return { ...place, pixels: new Uint8Array(0), ...(await lazy.read(place.indices)) }
  }

  /** The batch of a step before anything is done to it, of images in memory; the caller's to keep. */
  rawAt(step: number): RawBatch {
    const { images, lazy } = this.#dataset.train
    if (lazy) throw new BasinError('internal', 'rawAt: images in memory')
    const size = sizeOf(this.recipe.stored)
    const place = this.#placeOf(step)
    const pixels = new Uint8Array(place.indices.length * size)
    place.indices.forEach((index, i) => {
      pixels.set(images.subarray(index * size, (index + 1) * size), i * size)
    })
    return { ...place, pixels }
  }

  /** Which images a step sees, and the draws of its own. */
  #placeOf(step: number): Omit<RawBatch, 'pixels' | 'files'> {
    const { epoch, order, draws } = this.#drawEpoch(Math.floor(step / this.#batchesPerEpoch))
    const first = (step % this.#batchesPerEpoch) * this.#batchSize
    const end = first + this.#batchSize
    const basicDraws = draws?.slice(first * DRAWS_PER_IMAGE, end * DRAWS_PER_IMAGE)
    return { step, epoch, indices: order.slice(first, end), basicDraws }
  }

  /** @param images what a `Preparer` made of the raw batch of this step */
  finish(step: number, images: Float32Array): Batch {
    const labels = this.#labelsOf(step)
    return { images, labels, mixup: mixupShare(this.recipe, step), count: labels.length }
  }

  #labelsOf(step: number): Labels {
    const { train, classNames } = this.#dataset
    const { order } = this.#drawEpoch(Math.floor(step / this.#batchesPerEpoch))
    const first = (step % this.#batchesPerEpoch) * this.#batchSize
    const labels = labelArray(Math.min(this.#batchSize, order.length - first), classNames.length)
    for (let i = 0; i < labels.length; i++) labels[i] = train.labels[order[first + i]]
    return labels
  }

  #drawEpoch(epoch: number): Epoch {
    const drawn = this.#epochs.find((each) => each.epoch === epoch)
    if (drawn) return drawn
    const { seed, basic } = this.recipe
    const { count } = this.#dataset.train
    const order = Uint32Array.from({ length: count }, (_, i) => i)
    randomStream(seed, 'order', epoch).shuffle(order)
    const draws = basic ? drawBasic(randomStream(seed, 'augmentation', epoch), count) : undefined
    const made = { epoch, order, draws }
    this.#epochs = [...this.#epochs.slice(-1), made]
    return made
  }
}
