/**
 * Runs of a session that can see the very same batches: same data, same order, same network. Each batch is made,
 * uploaded and given its gates once, for all of them. Runs in different lanes with the same seed and data have the same
 * order all the same, because it depends on those alone.
 */
import { randomStream } from '../../base/random'
import { decodesImages } from '../../engine/ops/decodeImages/decodeImages'
import type { RunConfig } from '../config/schema'
import { imagesAStep } from '../config/steps'
import { BatchFeed, type BatchPool, type OpenPool } from '../data/batches/batchFeed'
import { BatchStream } from '../data/batches/batchStream'
import type { Dataset } from '../data/dataset'
import { sliceImages } from '../data/selection/sliceImages'
import { type Evaluate, makeEvaluate } from '../evaluation/evaluate'
import { gatesOfStep } from '../models/gates'
import { type FreshStart, initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { createNetwork } from '../models/registry'
import { disposeBatch, uploadAll, uploadBatch } from '../queue/deviceBatch'
import { LANE_FIELDS } from '../runs/laneFields'
import type { RunSpec } from '../runs/runSpec'
import type { DeviceBatch } from '../step/types'

export interface LaneOptions {
  /** What stands for θ₀ and the first statistics: fine-tuning. */
  fresh?: (network: Network, config: RunConfig) => FreshStart | undefined
  /** Threads that prepare batches ahead; absent: they are prepared between the steps. */
  openPool?: OpenPool
}

export class Lane {
  readonly network: Network
  readonly stepsPerEpoch: number
  /** The same for all of its runs. */
  readonly start: FreshStart
  readonly feed: BatchFeed
  /** Kernels of its first step have been chosen. */
  tuned = false
  readonly #config: RunConfig
  readonly #stream: BatchStream
  /** All training images, where every step takes the same. */
  #resident: DeviceBatch[] | undefined
  readonly #evaluators = new Map<string, Evaluate>()
  readonly #lookedAt = new Map<string, DeviceBatch[]>()

  /** @throws BasinError `config` when there are fewer training images than one batch */
  constructor(
    /** Of its first run: what all of them share. */
    config: RunConfig,
    readonly dataset: Dataset,
    { fresh, openPool }: LaneOptions = {},
    network?: Network,
  ) {
    this.#config = config
    const stream = new BatchStream(dataset, config)
    this.#stream = stream
    const deviceDecodes = decodesImages() && stream.decodable
    const pool = deviceDecodes ? undefined : openPool?.(stream.recipe)
    this.feed = new BatchFeed(stream, pool, deviceDecodes)
    this.stepsPerEpoch = stream.stepsPerEpoch
    this.network = network ?? createNetwork(config, dataset, dataset.classNames.length)
    this.start = fresh?.(this.network, config) ?? {
      theta: initTheta(this.network, config.run_seed, config.init_scale),
      batchStats: initBatchStats(this.network),
    }
  }

  /** Threads that prepare images of its data set; undefined where there are none. */
  get threads(): BatchPool | undefined {
    return this.feed.pool
  }

  /** Images that an update sees. */
  get imagesPerStep(): number {
    return imagesAStep(this.dataset.train.count, this.#config)
  }

  /**
   * The batches of a step on the device, with their gates; the caller's to dispose. Several only where a step is of all
   * images; where these are ever the same they stay on the device.
   * @param end no batch is made ahead from this step on
   */
  async batchesAt(step: number, end: number): Promise<DeviceBatch[]> {
    if (!this.#staysOnDevice) return this.#upload(step, end)
    this.#resident ??= await this.#upload(0, 1)
    return this.#resident.map(({ images, labels }) => ({ images: images.clone(), labels: labels.clone() }))
  }

  /** Sums over a batch in evaluation mode, with the settings of a run of this lane. */
  evaluatorOf(config: RunConfig): Evaluate {
    const key = `${config.loss} ${config.label_smoothing} ${config.compute_top_5_error_rate}`
    const evaluate = this.#evaluators.get(key) ?? makeEvaluate(this.network, config)
    this.#evaluators.set(key, evaluate)
    return evaluate
  }

  /**
   * Training images to look at again and again: the same for all runs of the lane, on the device as long as it stands.
   * @param count of them, by the seed
   * @param size of a batch
   * @param whole leaves a last batch out that is not, and mixes the images, so that batches are as those of training
   */
  async lookedAt(count: number, size: number, whole: boolean): Promise<readonly DeviceBatch[]> {
    const key = `${count} ${size} ${whole}`
    const known = this.#lookedAt.get(key)
    if (known) return known
    const { dataset, threads } = this
    const { run_seed } = this.#config
    const images = sliceImages(dataset.train.count, count, run_seed)
    if (whole) randomStream(run_seed, 'probes').shuffle(images)
    const chosen = whole ? images.subarray(0, Math.floor(images.length / size) * size) : images
    const batches = await uploadAll(dataset, 'train', size, chosen, threads)
    this.#lookedAt.set(key, batches)
    return batches
  }

  dispose(): void {
    this.feed.dispose()
    for (const batches of this.#lookedAt.values()) batches.forEach(disposeBatch)
    this.#resident?.forEach(disposeBatch)
    for (const evaluate of this.#evaluators.values()) evaluate.dispose()
  }

  get #staysOnDevice(): boolean {
    return this.#stream.constant && this.#config.full_batch && this.network.gates.width === 0
  }

  async #upload(step: number, end: number): Promise<DeviceBatch[]> {
    const { batchesPerStep } = this.#stream
    const batches: DeviceBatch[] = []
    for (let batch = step * batchesPerStep; batch < (step + 1) * batchesPerStep; batch++) {
      const images = await this.feed.take(batch, end * batchesPerStep)
      batches.push(uploadBatch(images, this.dataset, this.#gatesAt(batch, images.count)))
    }
    return batches
  }

  #gatesAt(batch: number, count: number): Float32Array | undefined {
    const { gates } = this.network
    return gates.width === 0 ? undefined : gatesOfStep(gates, count, this.#config.run_seed, batch)
  }
}

/** Equal for runs that belong into one lane. */
export function laneKey({ config }: Pick<RunSpec, 'config'>): string {
  return JSON.stringify(LANE_FIELDS.map((name) => config[name]))
}
