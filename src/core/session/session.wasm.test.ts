/** Training in WebAssembly: every family, on any number of threads to the same bits; nothing is left behind. */

import { expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { startWasm, wasmBackend } from '../../engine/wasm.testing'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { FAMILIES } from '../models/families.testing'
import { initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { methodSettings } from '../optim/methods'
import { nesterov } from '../optim/optimizers/nesterov'
import { disposeBatch } from '../queue/deviceBatch'
import { createTrainState, disposeState } from '../step/state'
import { makeTrainStep } from '../step/step'
import type { StepHyper } from '../step/types'
import { batchOf } from './captured.testing'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

const HYPER: StepHyper = {
  ...methodSettings(DEFAULT_CONFIG),
  sam_rho: 0.1,
  weightDecay: 0.01,
  noWeightDecayOnBn: true,
  labelSmoothing: 0.1,
  gradientClipping: 5,
  optimizer: nesterov,
  emaDecay: 0.9,
  emaWarmupSteps: 3,
}

/** Metrics of some steps of SAM, and the weights after them. */
async function trained(network: Network, steps: number, hyper = HYPER): Promise<Float32Array> {
  const step = makeTrainStep(network, hyper)
  let state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
  const numbers: number[] = []
  for (let i = 0; i < steps; i++) {
    const batch = batchOf(network, i, 6)
    const next = step(state, batch, { learningRate: 0.05 })
    disposeState(state)
    disposeBatch(batch)
    state = next.state
    numbers.push(...(await next.metrics.data()))
    next.metrics.dispose()
  }
  const [theta, stats] = [await state.theta.data(), await state.batchStats.data()]
  disposeState(state)
  step.dispose()
  return Float32Array.from([...numbers, ...theta, ...stats])
}

it('families train to the same bits on one, two and three threads, and as in plain JavaScript', async () => {
  const found: Record<string, Float32Array[]> = {}
  const cases: [string, Network, StepHyper?][] = Object.entries(FAMILIES)
  cases.push(['three replicas', FAMILIES.WideResnet, { ...HYPER, replicas: { count: 3, group: 1 } }])
  for (const threads of [1, 2, 3]) {
    await startWasm(threads)
    expect(wasmBackend().machine.threads).toBe(threads)
    const before = tf.memory().numTensors
    for (const [name, network, hyper] of cases) {
      found[name] = [...(found[name] ?? []), await trained(network, 4, hyper)]
    }
    expect(tf.memory().numTensors).toBe(before)
  }
  await initBackend('cpu')
  for (const [name, network, hyper] of cases) {
    const [one, two, three] = found[name]
    expect(one.every(Number.isFinite), name).toBe(true)
    expect(two, name).toEqual(one)
    expect(three, name).toEqual(one)
    // Loss, perturbed loss, error rate and norms of the first step.
    const plain = (await trained(network, 1, hyper)).slice(0, 5)
    plain.forEach((value, i) => {
      const difference = Math.abs(one[i] - value)
      expect(difference, `${name}, number ${i}`).toBeLessThan(2e-4 * Math.max(1, Math.abs(value)))
    })
  }
}, 300_000)

const STEPS = 1000

it(`${STEPS} steps with evaluations leave nothing behind`, async () => {
  await startWasm(2)
  const { arena } = wasmBackend().machine
  const config: RunConfig = {
    ...DEFAULT_CONFIG,
    mlp_layers: '8',
    runs: '',
    sam_rho: 0.1,
    weight_decay: 0.001,
    no_weight_decay_on_bn: true,
    batch_size: 16,
    num_train_examples: null,
    num_eval_examples: 24,
    evaluate_every: 50,
    num_epochs: STEPS / 4,
  }
  const held = () => {
    const { blocks, bytes } = arena.use
    return { tensors: tf.memory().numTensors, blocks, bytes }
  }
  const before = held()
  const session = new Session({ config, dataset: syntheticDataset({ size: 6, noise: 0.25 }) })
  // By then every kind of batch has come and is recorded.
  await session.train({ until: 200 })
  const early = held()
  const { reached } = arena.use
  await session.train({ until: STEPS - 1 })
  const late = held()
  expect(late.tensors).toBe(early.tensors)
  expect(late.blocks).toBe(early.blocks)
  // The last evaluation looks at everything, in larger batches, which are recorded anew.
  expect(await session.train()).toBe('finished')
  expect(arena.use.reached).toBeLessThan(2 * reached)
  session.dispose()
  expect(held()).toEqual(before)
}, 120_000)
