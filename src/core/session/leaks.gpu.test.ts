/** A long run, an evaluation and a surface: what the device holds ends where it began. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { expect, it, onTestFinished } from 'vitest'
import { sharedStorage } from '../../engine/capture/arena'
import { onWebGpu } from '../../engine/gpu.testing'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { sliceImages } from '../data/selection/sliceImages'
import { LossProbe } from '../landscape/lossProbe'
import { DEFAULT_MEASURE_SETTINGS } from '../landscape/measures/info'
import { sliceSurface } from '../landscape/measures/surface'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

onWebGpu()

const STEPS = 1000

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
}
const dataset = syntheticDataset({ size: 6, noise: 0.25 })

/** Buffers alive on the device: made and not destroyed, of those made from here to the end of the test. */
function liveBuffers(device: GPUDevice): () => number {
  let live = 0
  const { createBuffer } = device
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(device, descriptor)
    const { destroy } = buffer
    let gone = false
    live++
    buffer.destroy = () => {
      if (!gone) live--
      gone = true
      return destroy.call(buffer)
    }
    return buffer
  }
  onTestFinished(() => {
    device.createBuffer = createBuffer
  })
  return () => live
}

it(`${STEPS} steps of SAM with evaluations, and a surface`, async () => {
  const { device, bufferManager } = tf.backend() as WebGPUBackend
  // Small buffers of whoever was here before are given back with the next commands.
  const two = tf.tidy(() => tf.add(1, 1))
  await two.data()
  two.dispose()
  const live = liveBuffers(device)
  const held = () => {
    const { numTensors, numDataBuffers, numBytes } = tf.memory()
    return {
      numTensors,
      numDataBuffers,
      numBytes,
      used: bufferManager.getNumUsedBuffers(),
      bytesUsed: bufferManager.numBytesUsed,
      shared: sharedStorage(device).count,
      sharedBytes: sharedStorage(device).bytes,
      // What tfjs keeps for later is not a leak, if nothing else is alive.
      others: live() - bufferManager.getNumFreeBuffers(),
    }
  }
  const before = held()
  const session = new Session({ config: { ...config, num_epochs: STEPS / 4 }, dataset })
  expect(session.totalSteps).toBe(STEPS)

  await session.train({ until: 100 })
  const early = held()
  expect(await session.train()).toBe('finished')
  const [sam] = session.runs
  expect(sam.evaluations.length).toBeGreaterThan(2)
  // The last evaluation looks at everything: batches of another size, recorded beside the first.
  const late = held()
  expect(late.numTensors).toBe(early.numTensors)
  expect(late.used).toBe(early.used)

  const probe = await LossProbe.open(sam.network, config, dataset, sliceImages(dataset.train.count, 40, 1))
  const targets = [{ key: sam.key, config, network: sam.network, dataset, probe, ...sam.evaluated }]
  const settings = { ...DEFAULT_MEASURE_SETTINGS, points_2d: 5, num_images: 40 }
  const { findings } = await sliceSurface({ targets, settings, onProgress: () => {} })
  expect(findings[0].values.loss.every(Number.isFinite)).toBe(true)
  probe.dispose()
  expect(held()).toEqual(late)

  session.dispose()
  expect(held()).toEqual(before)
})
