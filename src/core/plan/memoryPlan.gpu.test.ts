/** The memory plan against the buffers that recorded steps and evaluations really touch. */
import { expect, it } from 'vitest'
import { onWebGpu } from '../../engine/gpu.testing'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { makeEvaluate } from '../evaluation/evaluate'
import { EVALUATION_BATCH, evaluationBatch } from '../evaluation/evaluationBatch'
import { initBatchStats } from '../models/init'
import { createNetwork } from '../models/registry'
import { configOf, VARIANTS } from '../step/methods.testing'
import { createTrainState, disposeState } from '../step/state'
import { hyperOf, makeTrainStep } from '../step/step'
import type { DeviceBatch } from '../step/types'
import { planMemory } from './memoryPlan'

onWebGpu()

/** Zeros: recording looks at shapes alone. */
function batchOf(count: number, side: number, gates = 0): DeviceBatch {
  return {
    images: tf.zeros([count, side, side, 3]) as tf.Tensor4D,
    labels: tf.zeros([count, 10]) as tf.Tensor2D,
    ...(gates > 0 && { gates: tf.zeros([count, gates]) as tf.Tensor2D }),
  }
}

it.each([
  ['mlp', 28, 64, 0],
  ['cnn_small', 28, 64, 0.05],
  ['WideResnet_mini', 32, 8, 0],
  ['WideResnet_ShakeShake_mini', 32, 8, 0.05],
  ['efficientnet-b0', 32, 8, 0],
  ['efficientnet-b0', 32, 16, 0.05],
] as const)('of %s at %i pixels, batch %i, ρ %f has room for a step, and not far more', (...run) => {
  const [model_name, side, batch_size, sam_rho] = run
  const config: RunConfig = { ...DEFAULT_CONFIG, model_name, batch_size, sam_rho, check_resolution: false }
  const network = createNetwork(config, { height: side, width: side, channels: 3 }, 10)
  const state = createTrainState(
    network,
    hyperOf(config),
    new Float32Array(network.params.size),
    initBatchStats(network),
  )
  const step = makeTrainStep(network, hyperOf(config))
  const batch = batchOf(batch_size, side, network.gates.width)
  step.record(state, batch, { learningRate: 0.1 })
  const [bytes] = step.report().bytes
  const plan = planMemory([{ network, config: { ...config, sam_rho } }], 'webgpu')
  // A step alone holds one state, a session three.
  const ofStep = plan.activations + plan.working + plan.state / 3
  expect(ofStep).toBeGreaterThanOrEqual(bytes)
  expect(ofStep).toBeLessThan(2 * bytes)
  disposeState(state)
  tf.dispose(Object.values(batch))
  step.dispose()
})

// Weights are most of what an mlp takes: a vector more or less is seen.
it.each(Object.keys(VARIANTS))('of an mlp by %s has room for every kind of its steps', (name) => {
  const model_name = VARIANTS[name].sam_variant === 'norm_only' ? 'cnn_small' : 'mlp'
  const config: RunConfig = { ...configOf(VARIANTS[name]), model_name, cnn_dense: 4000, batch_size: 4 }
  const network = createNetwork(config, { height: 16, width: 16, channels: 3 }, 10)
  const theta = new Float32Array(network.params.size)
  const state = createTrainState(network, hyperOf(config), theta, initBatchStats(network))
  const step = makeTrainStep(network, hyperOf(config))
  const batch = batchOf(4, 16)
  const plan = planMemory([{ network, config }], 'webgpu')
  for (const done of [0, 1, 5])
    step.record({ ...state, step: done }, batch, { learningRate: 0.1, totalSteps: 10 })
  for (const bytes of step.report().bytes) {
    expect(plan.activations + plan.working + plan.state / 3).toBeGreaterThanOrEqual(bytes)
  }
  disposeState(state)
  tf.dispose(Object.values(batch))
  step.dispose()
})

it.each(['mlp', 'cnn_small', 'WideResnet_mini', 'WideResnet_ShakeShake_mini', 'efficientnet-b0'] as const)(
  'of %s has room for an evaluation',
  (model_name) => {
    const config: RunConfig = { ...DEFAULT_CONFIG, model_name, check_resolution: false }
    const network = createNetwork(config, { height: 32, width: 32, channels: 3 }, 10)
    const evaluate = makeEvaluate(network, config)
    const theta = tf.zeros([network.params.size]) as tf.Tensor1D
    const batchStats = tf.zeros([network.stats.size]) as tf.Tensor1D
    const batch = batchOf(evaluationBatch(network, EVALUATION_BATCH), 32)
    evaluate.record(theta, batchStats, batch)
    const [bytes] = evaluate.report().bytes
    expect(
      planMemory([{ network, config: { ...config, sam_rho: 0 } }], 'webgpu').evaluation,
    ).toBeGreaterThanOrEqual(bytes)
    tf.dispose([theta, batchStats, ...Object.values(batch)])
    evaluate.dispose()
  },
)
