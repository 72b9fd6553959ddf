/**
 * Runs of a session that can see the very same batches: same data, same order, same network. Each batch is made,
 * uploaded and given its gates once, for all of them. Runs in different lanes with the same seed and data have the same
 * order all the same, because it depends on those alone.
 */
import { decodesImages } from '../../engine/ops/decodeImages/decodeImages'
import type { RunConfig } from '../config/schema'
import { BatchFeed, type BatchPool, type OpenPool } from '../data/batches/batchFeed'
import { BatchStream } from '../data/batches/batchStream'
import type { Dataset } from '../data/dataset'
import { type Evaluate, makeEvaluate } from '../evaluation/evaluate'
import { gatesOfStep } from '../models/gates'
import { type FreshStart, initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { createNetwork } from '../models/registry'
import { uploadBatch } from '../queue/deviceBatch'
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
  readonly #evaluators = new Map<string, Evaluate>()

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
    const deviceDecodes = decodesImages() && stream.decodable
    const pool = deviceDecodes ? undefined : openPool?.(stream.recipe)
    this.feed = new BatchFeed(stream, pool, deviceDecodes)
    this.stepsPerEpoch = stream.stepsPerEpoch
    this.network = network ?? createNetwork(config, dataset, dataset.classNames.length)
    this.start = fresh?.(this.network, config) ?? {
      theta: initTheta(this.network, config.run_seed),
      batchStats: initBatchStats(this.network),
    }
  }

  /** Threads that prepare images of its data set; undefined where there are none. */
  get threads(): BatchPool | undefined {
    return this.feed.pool
  }

  /**
   * The batch of a step on the device, with its gates; the caller's to dispose.
   * @param end no batch is made ahead from this step on
   */
  async batchAt(step: number, end: number): Promise<DeviceBatch> {
    const images = await this.feed.take(step, end)
    return uploadBatch(images, this.dataset, this.#gatesAt(step))
  }

  /** Sums over a batch in evaluation mode, with the settings of a run of this lane. */
  evaluatorOf(config: RunConfig): Evaluate {
    const key = `${config.label_smoothing} ${config.compute_top_5_error_rate}`
    const evaluate = this.#evaluators.get(key) ?? makeEvaluate(this.network, config)
    this.#evaluators.set(key, evaluate)
    return evaluate
  }

  dispose(): void {
    this.feed.dispose()
    for (const evaluate of this.#evaluators.values()) evaluate.dispose()
  }

  #gatesAt(step: number): Float32Array | undefined {
    const { gates } = this.network
    if (gates.width === 0) return undefined
    return gatesOfStep(gates, this.#config.batch_size, this.#config.run_seed, step)
  }
}

/** Equal for runs that belong into one lane. */
export function laneKey({ config }: Pick<RunSpec, 'config'>): string {
  return JSON.stringify(LANE_FIELDS.map((name) => config[name]))
}
