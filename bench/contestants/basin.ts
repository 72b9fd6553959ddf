/** Basin itself: the session that the page's worker and the command line run, on a data set of one batch. */
import { DEFAULT_CONFIG, type RunConfig, runConfigSchema } from '../../src/core/config/schema'
import type { Dataset } from '../../src/core/data/dataset'
import { Session } from '../../src/core/training/session'
import { initBackend } from '../../src/engine/backend'
import { MEAN, STD } from '../peers/pixels'
import { CLASSES, networkOf, SEED, type WorkloadHead } from '../workload'
import { basinExtras } from './basinExtras'
import { provideGpu } from './gpuCalls'
import type { Numbers } from './protocol'
import { type Stepper, serve } from './serve'

serve({
  async open() {
    await provideGpu()
    const device = await initBackend('webgpu')
    return device.adapter
  },
  async make(numbers, rho): Promise<Stepper> {
    let loss = Number.NaN
    const session = new Session({
      config: configOf(numbers.head, rho),
      dataset: datasetOf(numbers),
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
  extra: basinExtras,
})

function configOf({ model, batch, hyper }: WorkloadHead, rho: number): RunConfig {
  return runConfigSchema.parse({
    ...DEFAULT_CONFIG,
    // The slice is not in the registry: its network is handed in.
    model_name: model === 'WideResnet28x10_slice' ? 'WideResnet_mini' : model,
    batch_size: batch,
    sam_rho: rho,
    compare: false,
    num_epochs: 10_000,
    evaluate_every: 10_000,
    perturbed_loss_every: 0,
    use_learning_rate_schedule: false,
    learning_rate: hyper.learningRate,
    weight_decay: hyper.weightDecay,
    gradient_clipping: hyper.clip,
    label_noise: 0,
    num_train_examples: null,
    run_seed: SEED,
  })
}

function datasetOf({ head, images, labels }: Numbers): Dataset {
  const [height, width, channels] = head.shape
  const split = { images, labels, wrong: new Uint8Array(head.batch), count: head.batch }
  return {
    name: 'bench',
    height,
    width,
    channels,
    classNames: Array.from({ length: CLASSES }, (_, i) => `class ${i}`),
    mean: Array(channels).fill(MEAN),
    std: Array(channels).fill(STD),
    train: split,
    test: split,
  }
}
