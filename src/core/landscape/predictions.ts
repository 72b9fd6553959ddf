/** What a network answers on test images, beside what it answered before. */
import { capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import { sliceImages } from '../data/selection/sliceImages'
import { evaluationBatch } from '../evaluation/evaluationBatch'
import { disposeBatch, uploadAll } from '../queue/deviceBatch'
import type { DeviceBatch } from '../step/types'
import type { MeasuredRun } from './measures/measure'

/** Images a pass, where the network allows it. */
const BATCH = 500

export interface Answers {
  /** Wrong ones, 0 to 1. */
  error: number
  /** Images that another class is answered for than at first. */
  changed: number
  /** Of the logits, from those at first. */
  largestDifference: number
}

/** Test images on the device, and what was answered first. */
export class Predictions {
  #first: tf.Tensor2D[] | undefined

  private constructor(
    /** Images. */
    readonly count: number,
    private readonly run: MeasuredRun,
    private readonly batches: readonly DeviceBatch[],
  ) {}

  static async open(run: MeasuredRun, numImages: number): Promise<Predictions> {
    const { network, dataset, config, threads } = run
    const images = sliceImages(dataset.test.count, numImages, config.run_seed)
    const size = evaluationBatch(network, BATCH)
    const batches = await uploadAll(dataset, 'test', size, images, threads)
    return new Predictions(images.length, run, batches)
  }

  readonly #logits = capture(
    ({ theta, batchStats, images }: { theta: tf.Tensor1D; batchStats: tf.Tensor1D; images: tf.Tensor4D }) =>
      this.run.network.forward(theta, batchStats, images, false).logits,
  )

  /** The first call is what later ones are held against. @param theta [P] */
  async of(theta: tf.Tensor1D): Promise<Answers> {
    const { batchStats } = this.run
    const logits = this.batches.map(
      ({ images }) => this.#logits({ theta, batchStats, images }) as tf.Tensor2D,
    )
    this.#first ??= logits.map((one) => one.clone())
    const before = this.#first
    const numbers = tf.tidy(() =>
      logits
        .map((now, b) => {
          const answer = (of: tf.Tensor2D) => tf.argMax(of, 1)
          const differ = (a: tf.Tensor, c: tf.Tensor) => tf.sum(tf.cast(tf.notEqual(a, c), 'float32'))
          const wrong = differ(answer(now), answer(this.batches[b].labels))
          const changed = differ(answer(now), answer(before[b]))
          return tf.stack([wrong, changed, tf.max(tf.abs(tf.sub(now, before[b])))])
        })
        .reduce((sum, part) =>
          tf.concat([
            tf.add(tf.slice(sum, 0, 2), tf.slice(part, 0, 2)),
            tf.maximum(tf.slice(sum, 2, 1), tf.slice(part, 2, 1)),
          ]),
        ),
    )
    tf.dispose(logits)
    const [errors, changed, largestDifference] = await numbers.data()
    numbers.dispose()
    return { error: errors / this.count, changed, largestDifference }
  }

  dispose(): void {
    this.#logits.dispose()
    if (this.#first) tf.dispose(this.#first)
    this.batches.forEach(disposeBatch)
  }
}
