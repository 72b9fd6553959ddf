/**
 * The loss along one line through a run, met while it trains: few places and few images, so that it can be taken again
 * and again. Draw and images stay the same; each time the direction is scaled to the filters that the run has then. So
 * it is the 1-D slice of these settings, taken at every stage.
 */
import { type Captured, capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import { sliceImages } from '../data/selection/sliceImages'
import { type BulkReaderOptions, readInBulk } from '../queue/bulkReader'
import { filterNormalised, gaussianDraw } from './directions'
import { coarseToFine, symmetricPoints } from './grid'
import { LossProbe } from './lossProbe'
import type { MeasuredRun } from './measures/measure'
import { pointOnSlice } from './point'
import { measuredAlike, nans } from './slice'

/** In the words of the slice's settings. */
export const WATCHED_LINE = { range: 1, points_1d: 11, num_images: 64, direction_seed: 0 }

/** Borrowed: alive and unchanged until it is measured. */
export type WatchedRun = Pick<
  MeasuredRun,
  'config' | 'network' | 'dataset' | 'theta' | 'batchStats' | 'threads'
>

interface Place {
  theta: tf.Tensor1D
  batchStats: tf.Tensor1D
  direction: tf.Tensor1D
  a: tf.Scalar
}

/** What runs that are measured alike share. */
interface Looker {
  of: WatchedRun
  probe: LossProbe
  draw: Float32Array
  sums: Captured<Place, tf.Tensor1D>
}

export class LineWatch {
  /** Where the loss is taken. */
  readonly a = symmetricPoints(WATCHED_LINE.range, WATCHED_LINE.points_1d)
  readonly #lookers: Looker[] = []

  /**
   * @param interrupted asked between places
   * @returns L at each place, or undefined where it was interrupted
   */
  async measure(run: WatchedRun, interrupted: () => boolean): Promise<Float64Array | undefined> {
    const { probe, draw, sums } = this.#known(run) ?? (await this.#open(run))
    const { theta, batchStats, network } = run
    const weights = (await theta.data()) as Float32Array
    const direction = tf.tensor1d(filterNormalised(draw, weights, network.params, false))
    const loss = nans(this.a.length)
    const onRows: BulkReaderOptions<number>['onRows'] = (rows) => {
      for (const { tag, values } of rows) loss[tag] = values[0] / probe.count
    }
    let whole = true
    try {
      await readInBulk<number>({ onRows }, async (push) => {
        for (const i of coarseToFine(this.a.length)) {
          whole = !interrupted()
          if (!whole) return
          const at = tf.tidy(() => sums({ theta, batchStats, direction, a: tf.scalar(this.a[i]) }))
          await push([at], i)
        }
      })
    } finally {
      direction.dispose()
    }
    return whole ? loss : undefined
  }

  dispose(): void {
    for (const { probe, sums } of this.#lookers) {
      sums.dispose()
      probe.dispose()
    }
    this.#lookers.length = 0
  }

  #known(run: WatchedRun): Looker | undefined {
    return this.#lookers.find(({ of }) => measuredAlike(of, run))
  }

  async #open({ threads, ...of }: WatchedRun): Promise<Looker> {
    const { network, config, dataset } = of
    const images = sliceImages(dataset.train.count, WATCHED_LINE.num_images, config.run_seed)
    const probe = await LossProbe.open(network, config, dataset, images, threads)
    const sums = capture(({ theta, batchStats, direction, a }: Place) =>
      probe.sums(pointOnSlice(theta, [direction], [a]), batchStats),
    )
    const draw = gaussianDraw(network.params.size, WATCHED_LINE.direction_seed, 0)
    const looker = { of, probe, draw, sums }
    this.#lookers.push(looker)
    return looker
  }
}
