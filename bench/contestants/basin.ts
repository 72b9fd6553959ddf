/** Basin itself: the session that the page's worker and the command line run, on a data set of one batch. */
import { Session } from '../../src/core/training/session'
import { initBackend } from '../../src/engine/backend'
import { networkOf } from '../workload'
import { basinExtras } from './basinExtras'
import { basinConfig, basinDataset } from './basinSession'
import { provideGpu, watchBuffers } from './gpuCalls'
import { type Stepper, serve } from './serve'

let buffers: ReturnType<typeof watchBuffers>

serve({
  async open() {
    await provideGpu()
    buffers = watchBuffers()
    const device = await initBackend('webgpu')
    return device.adapter
  },
  async make(numbers, rho): Promise<Stepper> {
    let loss = Number.NaN
    const session = new Session({
      config: basinConfig(numbers.head, rho),
      dataset: basinDataset(numbers),
      network: networkOf(numbers.head),
      events: {
        onMetrics(_, rows) {
          loss = rows[rows.length - 1].loss
        },
      },
    })
    const [run] = session.runs
    return {
      async steps(n) {
        await session.train({ until: run.step + n })
        if (!run.live) throw new Error('diverged')
        return loss
      },
      // Everything up to the read of the metrics happens before it returns.
      issue: () => session.stepOnce(),
      dispose: () => session.dispose(),
    }
  },
  extra: { ...basinExtras, buffers: async () => buffers() },
})
