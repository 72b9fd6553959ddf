/** What is reckoned for a Hessian product against what it really takes of WebAssembly's memory. */
import { expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { startWasm, wasmBackend } from '../../../engine/wasm.testing'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { initBatchStats } from '../../models/init'
import { createNetwork } from '../../models/registry'
import { Objective, productBatch } from '../curvature/objective'
import { parts } from './room'

it.each([
  ['mlp', 28, 500],
  ['cnn_small', 28, 200],
  ['WideResnet_mini', 32, 6],
] as const)('of %s at %i pixels, %i images', async (model_name, side, count) => {
  const config: RunConfig = { ...DEFAULT_CONFIG, model_name, check_resolution: false }
  const network = createNetwork(config, { height: side, width: side, channels: 3 }, 10)
  await startWasm(1)
  const batch = {
    images: tf.randomNormal([count, side, side, 3]) as tf.Tensor4D,
    labels: tf.oneHot(tf.zeros([count], 'int32'), 10, 1, 0, 'float32') as tf.Tensor2D,
  }
  const theta = tf.fill([network.params.size], 0.01) as tf.Tensor1D
  const point = { theta, batchStats: tf.tensor1d(initBatchStats(network)) }
  const settings = {
    loss: 'cross_entropy',
    labelSmoothing: 0,
    weightDecay: 0,
    noWeightDecayOnBn: false,
  } as const
  const objective = new Objective(network, [batch], settings, point)
  await objective.product(theta).data()
  const { peak } = wasmBackend().machine.arena.use
  expect(productBatch(network, count)).toBe(count)
  const { images, pass, vector } = parts(count, count, network, 'product', 'wasm')
  const reckoned = images + pass + 8 * vector
  expect(reckoned).toBeGreaterThanOrEqual(peak)
  expect(reckoned).toBeLessThan(4 * peak)
})
