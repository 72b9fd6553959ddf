/** Products and Krylov spaces on the device, at running statistics: as in plain JavaScript, and nothing piles up. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu, startBackend } from '../../../engine/gpu.testing'
import * as tf from '../../../engine/tf'
import { FAMILIES } from '../../models/families.testing'
import { initBatchStats, initTheta } from '../../models/init'
import type { Network } from '../../models/network'
import { batchOf } from '../../session/captured.testing'
import { relative } from '../hessian.testing'
import { extremeEigenvalues } from './eigenvalues'
import { KrylovSpaces } from './krylov'
import { Objective } from './objective'

onWebGpu()

const SETTINGS = {
  loss: 'cross_entropy',
  labelSmoothing: 0.1,
  weightDecay: 0.01,
  noWeightDecayOnBn: true,
} as const

/** On the backend of the moment; statistics that are not 0 and 1. */
function open(network: Network) {
  const random = randomStream(9, 'init')
  const theta = tf.tensor1d(initTheta(network, 3).map((t) => t + 0.02 * random.normal()))
  const batchStats = tf.tensor1d(
    Float32Array.from(initBatchStats(network), (value) => value + 0.2 * random.uniform()),
  )
  const batches = [0, 1].map((seed) => batchOf(network, seed, 4))
  const v = tf.tensor1d(Float32Array.from({ length: network.params.size }, () => random.normal()))
  return { objective: new Objective(network, batches, SETTINGS, { theta, batchStats }), v }
}

it.each(Object.keys(FAMILIES))('are those of plain JavaScript: %s', async (name) => {
  const found: Float32Array[] = []
  for (const backend of ['cpu', 'webgpu'] as const) {
    await startBackend(backend)
    const { objective, v } = open(FAMILIES[name])
    found.push((await objective.product(v).data()) as Float32Array)
    const { gradient } = objective.gradient()
    found.push((await gradient.data()) as Float32Array)
    objective.dispose()
  }
  expect(relative(found[2], found[0])).toBeLessThan(1e-3)
  expect(relative(found[3], found[1])).toBeLessThan(1e-4)
})

it('holds no more after many products than after the first, in one recording', async () => {
  await startBackend('webgpu')
  const { objective, v } = open(FAMILIES.WideResnet)
  const { device } = tf.backend() as unknown as { device: GPUDevice }
  objective.product(v).dispose()
  await device.queue.onSubmittedWorkDone()
  const made = device.createBuffer.bind(device)
  let buffers = 0
  device.createBuffer = (descriptor) => {
    buffers++
    return made(descriptor)
  }
  const before = tf.memory().numTensors
  for (let i = 0; i < 30; i++) {
    objective.product(v).dispose()
    if (i === 9) buffers = 0
  }
  device.createBuffer = made
  expect(tf.memory().numTensors).toBe(before)
  expect(buffers).toBe(0)
  expect(objective.report().product.recordings).toBe(1)
  objective.dispose()
})

it('finds the eigenvalues that plain JavaScript finds', async () => {
  const values: number[][] = []
  for (const backend of ['cpu', 'webgpu'] as const) {
    await startBackend(backend)
    // A space is made of products alone, which are compared above for every family: here plain JavaScript makes dozens.
    const { objective, v } = open(FAMILIES.cnn_small)
    const spaces = new KrylovSpaces(objective)
    const space = spaces.from(v)
    const { top, lowest } = (await extremeEigenvalues(space, {
      top: 3,
      tolerance: 1e-3,
      maxSteps: 40,
      lowest: false,
    }))!
    values.push([...top, lowest].map(({ value }) => value))
    space.dispose()
    spaces.dispose()
    objective.dispose()
  }
  const [plain, device] = values
  for (const i of [0, 1, 2]) expect(Math.abs(device[i] - plain[i]) / plain[0]).toBeLessThan(1e-3)
})
