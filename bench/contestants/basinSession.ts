/** A workload as Basin's session takes it. */
import { DEFAULT_CONFIG, type RunConfig, runConfigSchema } from '../../src/core/config/schema'
import type { Dataset } from '../../src/core/data/dataset'
import { MEAN, STD } from '../peers/pixels'
import { CLASSES, networkOf, SEED, type WorkloadHead } from '../workload'
import type { Numbers } from './protocol'
import { fetchNumbers } from './serve'

/** The settings of a case; everything that peers do not do is off. */
export function basinConfig({ model, batch, hyper }: WorkloadHead, rho: number): RunConfig {
  return runConfigSchema.parse({
    ...DEFAULT_CONFIG,
    // The slice is not in the registry: its network is handed in.
    model_name: model === 'WideResnet28x10_slice' ? 'WideResnet_mini' : model,
    batch_size: batch,
    sam_rho: rho,
    runs: '',
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

/** A workload with its settings, its one batch as a data set, and its network. @param batch other than all of it */
export async function openWorkload(workload: string, rho: number, batch?: number) {
  const numbers = await fetchNumbers(workload)
  const { head } = numbers
  return {
    numbers,
    config: basinConfig({ ...head, batch: batch ?? head.batch }, rho),
    dataset: basinDataset(numbers),
    network: networkOf(head),
  }
}

/** One batch, which is an epoch. */
export function basinDataset({ head, images, labels }: Numbers): Dataset {
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
