/** The memory plan against what steps and evaluations really take of WebAssembly's memory. */
import { expect, it } from 'vitest'
import * as tf from '../../engine/tf'
import { startWasm, wasmBackend } from '../../engine/wasm.testing'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { makeEvaluate } from '../evaluation/evaluate'
import { EVALUATION_BATCH, evaluationBatch } from '../evaluation/evaluationBatch'
import { initBatchStats } from '../models/init'
import { createNetwork } from '../models/registry'
import { createTrainState } from '../step/state'
import { hyperOf, makeTrainStep } from '../step/step'
import { planMemory } from './memoryPlan'

it.each([
  ['mlp', 28, 64, 0],
  ['cnn_small', 28, 64, 0.05],
  ['WideResnet_mini', 32, 8, 0],
  ['WideResnet_ShakeShake_mini', 32, 8, 0.05],
  ['efficientnet-b0', 32, 8, 0],
  ['efficientnet-b0', 32, 16, 0.05],
] as const)('of %s at %i pixels, batch %i, ρ %f has room for a step and an evaluation', async (...run) => {
  const [model_name, side, batch_size, sam_rho] = run
  const config: RunConfig = { ...DEFAULT_CONFIG, model_name, batch_size, sam_rho, check_resolution: false }
  const network = createNetwork(config, { height: side, width: side, channels: 3 }, 10)
  const plan = planMemory([{ network, config }], 'wasm')
  const batchOf = (count: number) => ({
    images: tf.randomNormal([count, side, side, 3]) as tf.Tensor4D,
    labels: tf.oneHot(tf.zeros([count], 'int32'), 10, 1, 0, 'float32') as tf.Tensor2D,
    ...(network.gates.width > 0 && { gates: tf.ones([count, network.gates.width]) as tf.Tensor2D }),
  })

  await startWasm(1)
  const theta = new Float32Array(network.params.size).fill(0.01)
  const state = createTrainState(network, hyperOf(config), theta, initBatchStats(network))
  const step = makeTrainStep(network, hyperOf(config))
  await step(state, batchOf(batch_size), { learningRate: 0.1 }).metrics.data()
  // A step alone holds one state, a session three.
  const ofStep = plan.activations + plan.working + plan.state / 3
  const { peak } = wasmBackend().machine.arena.use
  expect(ofStep).toBeGreaterThanOrEqual(peak)
  expect(ofStep).toBeLessThan(3 * peak)

  await startWasm(1)
  const evaluate = makeEvaluate(network, config)
  const weights = [tf.tensor1d(theta), tf.tensor1d(initBatchStats(network))] as const
  await evaluate(...weights, batchOf(evaluationBatch(network, EVALUATION_BATCH))).data()
  expect(plan.evaluation).toBeGreaterThanOrEqual(wasmBackend().machine.arena.use.peak)
})
