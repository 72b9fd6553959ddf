/**
 * A device whose bindings are smaller than θ, as lavapipe's are for WideResnet28x10. Devices may not be asked for less
 * than 128 MiB, so the limit is one that the engine is told, and every binding is held against it.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { onWebGpu } from '../../engine/gpu.testing'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { makeEvaluate } from '../evaluation/evaluate'
import { FAMILIES } from '../models/families.testing'
import { initBatchStats, initTheta } from '../models/init'
import { disposeBatch } from '../queue/deviceBatch'
import { createTrainState, disposeState, stateTensors } from '../step/state'
import { hyperOf, makeTrainStep } from '../step/step'
import { batchOf } from './captured.testing'

const network = FAMILIES.WideResnet
const THETA = 4 * network.params.size
const KIB = 1024
const STEPS = 3

let device: GPUDevice
let bound: { offset: number; size: number }[] = []
let restore = () => {}

onWebGpu()
beforeAll(() => {
  device = (tf.backend() as WebGPUBackend).device
})
afterEach(() => restore())

/** Tells the engine that the device binds no more than so many bytes, and writes down what it binds. */
function lower(maxStorageBufferBindingSize: number): void {
  const { limits, createBindGroup } = device
  const told = Object.create(limits, { maxStorageBufferBindingSize: { value: maxStorageBufferBindingSize } })
  const proxy = new Proxy(told, {
    get: (target, name) =>
      name === 'maxStorageBufferBindingSize'
        ? maxStorageBufferBindingSize
        : ((limits as unknown as Record<string | symbol, unknown>)[name] ?? target[name]),
  })
  Object.defineProperty(device, 'limits', { value: proxy, configurable: true })
  bound = []
  device.createBindGroup = (descriptor) => {
    for (const { resource } of descriptor.entries) {
      if (!('buffer' in resource)) continue
      const { buffer, offset = 0, size = buffer.size - offset } = resource
      bound.push({ offset, size })
    }
    return createBindGroup.call(device, descriptor)
  }
  restore = () => {
    delete (device as Partial<Record<'limits' | 'createBindGroup', unknown>>).limits
    device.createBindGroup = createBindGroup
    restore = () => {}
  }
}

const CONFIG: RunConfig = {
  ...DEFAULT_CONFIG,
  weight_decay: 0.01,
  no_weight_decay_on_bn: true,
  gradient_clipping: 5,
  ema_decay: 0.9,
  use_rmsprop: true,
}

/** Every number of the state after some steps, and an evaluation of it. */
async function trained(changes: Partial<RunConfig>, rho: number, batchSize = 4): Promise<Float32Array[]> {
  const config = { ...CONFIG, ...changes }
  const hyper = hyperOf({ ...config, sam_rho: rho })
  const step = makeTrainStep(network, hyper)
  let state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
  const evaluate = makeEvaluate(network, config)
  try {
    for (let i = 0; i < STEPS; i++) {
      const batch = batchOf(network, i, batchSize)
      try {
        const next = step(state, batch, { learningRate: 0.01 })
        next.metrics.dispose()
        disposeState(state)
        state = next.state
      } finally {
        disposeBatch(batch)
      }
    }
    const batch = batchOf(network, 0, 4)
    const sums = evaluate(state.theta, state.ema!.batchStats, batch)
    const values: Float32Array[] = []
    for (const tensor of [...stateTensors(state), sums]) values.push((await tensor.data()) as Float32Array)
    sums.dispose()
    disposeBatch(batch)
    return values
  } finally {
    disposeState(state)
    step.dispose()
    evaluate.dispose()
  }
}

it.each([
  ['SGD with momentum', { use_rmsprop: false }, 0],
  ['SAM with RMSProp', {}, 0.05],
  ['SAM in replicas', { num_replicas: 2 }, 0.05],
] as [string, Partial<RunConfig>, number][])(
  '%s trains weights that take more than a binding, in ranges',
  async (_, changes, rho) => {
    const before = tf.memory().numTensors
    const expected = await trained(changes, rho)
    // Holds the largest kernel (3 × 3 × 64 × 64), not θ.
    const limit = 160 * KIB
    expect(limit).toBeLessThan(THETA)
    lower(limit)
    const got = await trained(changes, rho)
    expect(Math.max(...bound.map(({ size }) => size))).toBeLessThanOrEqual(limit)
    expect(bound.some(({ offset }) => offset > 0)).toBe(true)
    got.forEach((values, k) => {
      // Norms are summed in another order; all else is the same arithmetic.
      const size = Math.sqrt(expected[k].reduce((sum, x) => sum + x * x, 0))
      const difference = Math.sqrt(values.reduce((sum, x, i) => sum + (x - expected[k][i]) ** 2, 0))
      expect(difference / size, `tensor ${k}`).toBeLessThan(1e-4)
    })
    expect(tf.memory().numTensors).toBe(before)
  },
)

it.each([
  ['a single kernel', 100 * KIB, 4, /may bind at most 0\.10 MiB a tensor, got \[36864\] with 0\.14 MiB/],
  [
    'an activation',
    160 * KIB,
    64,
    /may bind at most 0\.16 MiB a tensor, got \[64, 8, 8, 16\] with 0\.25 MiB/,
  ],
])('refuses %s beyond the limit with numbers, and holds nothing back', async (_, limit, batch, message) => {
  const before = tf.memory().numTensors
  lower(limit)
  await expect(trained({}, 0.05, batch)).rejects.toThrow(
    expect.objectContaining({ code: 'device', message: expect.stringMatching(message) }),
  )
  expect(tf.memory().numTensors).toBe(before)
  restore()
  // The device works on.
  expect((await trained({}, 0))[0].every(Number.isFinite)).toBe(true)
})
