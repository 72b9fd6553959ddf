/** Basin itself: the session that the page's worker and the command line run, on a data set of one batch. */
import { BatchStream } from '../../src/core/data/batches/batchStream'
import { uploadBatch } from '../../src/core/queue/deviceBatch'
import { Session } from '../../src/core/session/session'
import { initBackend } from '../../src/engine/backend'
import * as tf from '../../src/engine/tf'
import { networkOf } from '../workload'
import { basinExtras } from './basinExtras'
import { basinConfig, basinDataset } from './basinSession'
import { provideGpu, watchBuffers } from './gpuCalls'
import { halfKernel } from './halfKernels'
import { kernelThreads } from './kernelThreads'
import { timedMatmul } from './matmul'
import { type Stepper, serve } from './serve'

let buffers: ReturnType<typeof watchBuffers>

/** How Basin takes part. */
export interface BasinOptions {
  device: 'webgpu' | 'wasm'
  /** Operands of convolutions and dense layers in 16-bit floats. */
  f16?: boolean
  /** Of WebAssembly; absent: one for each core. */
  threads?: number
}

export function serveBasin({ device: name, f16 = false, threads }: BasinOptions): void {
  serve({
    async open() {
      if (name === 'webgpu') await provideGpu()
      buffers = watchBuffers()
      tf.env().set('PROD', true)
      const device = await initBackend(name, { f16, wasm: await kernelThreads(threads) })
      return device.backend === 'wasm' ? `WebAssembly · ${device.adapter}` : device.adapter
    },
    async make(numbers, rho, changes): Promise<Stepper> {
      const config = { ...basinConfig(numbers.head, rho), ...changes }
      const dataset = basinDataset(numbers)
      let loss = Number.NaN
      const session = new Session({
        config,
        dataset,
        network: networkOf(numbers.head),
        events: {
          onMetrics(_, rows) {
            loss = rows[rows.length - 1].loss
          },
        },
      })
      const [run] = session.runs
      // A session finds its batches ready, made by other threads.
      const ready = new BatchStream(dataset, config).batchAt(0)
      return {
        async steps(n) {
          await session.train({ until: run.step + n })
          if (!run.live) throw new Error('diverged')
          return loss
        },
        issue() {
          const batch = uploadBatch(ready, dataset)
          const { metrics } = run.advance([batch], { learningRate: config.learning_rate }, false)
          tf.dispose([batch.images, batch.labels])
          return metrics.data().finally(() => metrics.dispose())
        },
        dispose: () => session.dispose(),
      }
    },
    extra: {
      ...basinExtras,
      ...(f16 && { kernel: halfKernel }),
      buffers: async () => buffers(),
      matmul: timedMatmul(tf),
    },
  })
}
