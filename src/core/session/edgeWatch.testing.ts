/** Full-batch training with λ₁ beside it, on whatever backend is set: numbers to hold against those of another. */
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

/** One that has nearly all in it, for a device that is slow to begin. */
export const ONE_CASE: Partial<RunConfig>[] = [
  { full_batch: true, batch_size: 12, nesterov: false, weight_decay: 0.01, num_epochs: 2 },
]

const CASES: Partial<RunConfig>[] = [
  { full_batch: true, batch_size: 10, loss: 'mse', momentum: 0 },
  { full_batch: true, batch_size: 10, nesterov: false, weight_decay: 0.01, no_weight_decay_on_bn: true },
  { full_batch: true, batch_size: 10, sam_variant: 'look', look_every: 2 },
  { batch_size: 6, batch_sharpness: true, label_smoothing: 0.1, init_scale: 0.5 },
]

/** Weights, losses, λ₁, ‖g‖ and batch sharpness of SGD and SAM, case by case. @returns what was left on the device, too */
export async function watchedNumbers(cases = CASES): Promise<{ numbers: number[][]; left: number }> {
  const before = tf.memory().numTensors
  const numbers: number[][] = []
  for (const changes of cases) {
    const config: RunConfig = {
      ...DEFAULT_CONFIG,
      runs: 'sam_rho:0;sam_rho:0.1',
      mlp_layers: '5',
      use_learning_rate_schedule: false,
      label_noise: 0,
      num_train_examples: null,
      num_epochs: changes.full_batch ? 4 : 1,
      num_eval_examples: 8,
      top_eigenvalue_every: 2,
      ...changes,
    }
    const session = new Session({ config, dataset: syntheticDataset({ size: 4, train: 24, test: 8 }) })
    await session.train()
    const found: number[] = []
    for (const { key, edges, history } of session.runs) {
      found.push(...(await session.snapshot(key)).theta, ...history.columns().loss)
      for (const edge of edges) {
        found.push(edge.topEigenvalue, edge.edgeGradientNorm, edge.batchSharpness ?? 0, edge.samEdge ?? 0)
      }
    }
    numbers.push(found)
    session.dispose()
  }
  return { numbers, left: tf.memory().numTensors - before }
}

/** The largest difference beside the size of what differs. */
export const furthest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]) / Math.max(1, Math.abs(value))))
