/** What only Basin is asked: its peak, its kernels, a landscape, its batches. */

import type { RunConfig } from '../../src/core/config/schema'
import { BatchStream } from '../../src/core/data/batches/batchStream'
import { makeEvaluate } from '../../src/core/evaluation/evaluate'
import { initBatchStats } from '../../src/core/models/init'
import { uploadBatch } from '../../src/core/queue/deviceBatch'
import { Session } from '../../src/core/session/session'
import { createTrainState, disposeState } from '../../src/core/step/state'
import { hyperOf, makeTrainStep } from '../../src/core/step/step'
import { type MatmulPeak, measureMatmulPeak, repeatPeak } from '../../src/engine/profile/matmulPeak'
import { webGpuBackend } from '../../src/engine/profile/profile'
import * as tf from '../../src/engine/tf'
import { submitAll } from '../../src/engine/tf/backendParts'
import { openNodeThreads } from '../../src/platform/node/batchThreads'
import { kernelCalls } from '../peers/kernelCalls'
import type { DataRates } from '../sections/data'
import { eigenvalues, liveEigenvalue, products } from './basinCurvature'
import { landscape, surfaceSizes } from './basinLandscape'
import { openWorkload } from './basinSession'
import { repeat } from './repeat'

export const basinExtras = {
  products,
  eigenvalues,
  liveEigenvalue,
  landscape,
  surfaceSizes,
  peak: () => measureMatmulPeak(webGpuBackend()),
  repeatPeak: (peak: MatmulPeak, minMs: number) => repeatPeak(webGpuBackend(), peak, minMs),

  ...kernelCalls(tf, () => {
    const backend = webGpuBackend()
    submitAll(backend)
    return backend.device.queue.onSubmittedWorkDone()
  }),

  /** @returns bytes of all buffers that a replay of one training step touches, its batch cut into so many replicas */
  async stepBytes(workload: string, rho: number, replicas: number): Promise<number> {
    const { numbers, dataset, network, ...opened } = await openWorkload(workload, rho)
    const config: RunConfig = { ...opened.config, num_replicas: replicas }
    const state = createTrainState(network, hyperOf(config), numbers.theta, initBatchStats(network))
    const step = makeTrainStep(network, hyperOf(config))
    const batch = uploadBatch(await new BatchStream(dataset, config).batchAt(0), dataset)
    const { state: next, metrics } = step(state, batch, { learningRate: config.learning_rate })
    await metrics.data()
    const [bytes] = step.report().bytes
    disposeState(state)
    disposeState(next)
    tf.dispose([metrics, batch.images, batch.labels])
    step.dispose()
    return bytes
  },

  /** @returns ms of the first evaluation of a batch of this size in this process, and of the next */
  async firstEvaluation(workload: string): Promise<[first: number, next: number]> {
    const { numbers, config, dataset, network } = await openWorkload(workload, 0)
    const state = createTrainState(network, hyperOf(config), numbers.theta, initBatchStats(network))
    const batch = uploadBatch(new BatchStream(dataset, config).batchAt(0), dataset)
    const evaluate = makeEvaluate(network, config)
    const timed = async () => {
      const started = performance.now()
      const sums = evaluate(state.theta, state.batchStats, batch)
      await sums.data()
      sums.dispose()
      return performance.now() - started
    }
    try {
      return [await timed(), await timed()]
    } finally {
      evaluate.dispose()
      disposeState(state)
      tf.dispose([batch.images, batch.labels])
    }
  },

  async data(workload: string, augmentation: string, seconds: number): Promise<DataRates> {
    const { numbers, dataset, network, ...opened } = await openWorkload(workload, 0)
    const config = {
      ...opened.config,
      image_level_augmentations: augmentation as RunConfig['image_level_augmentations'],
    }
    const stream = new BatchStream(dataset, config)
    let step = 0
    const batches = await repeat(seconds / 4, async () => {
      const batch = uploadBatch(stream.batchAt(step++), dataset)
      tf.dispose([batch.images, batch.labels])
    })
    let waiting = 0
    const session = new Session({
      config,
      dataset,
      network,
      events: {
        onProgress({ dataWaitShare }) {
          waiting = dataWaitShare
        },
      },
      // In a page without threads: a bundle has no worker beside it.
      openPool: openNodeThreads && ((recipe) => openNodeThreads(recipe, { root: process.cwd() })),
    })
    await session.train({ until: 2 })
    const steps = await repeat(seconds / 4, async () => {
      await session.train({ until: session.step + 1 })
    })
    session.dispose()
    return {
      imagesPerSecond: (numbers.head.batch / batches.ms) * 1000,
      batchMs: batches.ms,
      stepMs: steps.ms,
      waiting,
    }
  },
}
