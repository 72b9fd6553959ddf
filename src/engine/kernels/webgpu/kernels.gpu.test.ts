/** The WGSL kernels, asked for through tfjs in Chromium, against double loops over the definitions. */
import '@tensorflow/tfjs-backend-webgpu'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomStream } from '../../../core/random'
import * as tf from '../../tf'
import { convCases, expectedProducts, relativeError, tfjsProducts } from '../convolution.testing'
import { convFilterGradient } from './filterGradient'
import { convForward, convInputGradient } from './gatherConv'
import type { Backend } from './program'
import { registerWebGpuKernels } from './register'

const gpuErrors: string[] = []

beforeAll(async () => {
  tf.env().set('WEBGPU_CPU_FORWARD', false)
  await tf.setBackend('webgpu')
  const { device } = tf.backend() as Backend
  device.onuncapturederror = ({ error }) => gpuErrors.push(error.message)
  registerWebGpuKernels()
})

afterAll(() => expect(gpuErrors).toEqual([]))

it('convolutions and their gradients at random shapes', async () => {
  const before = tf.memory().numTensors
  for (const c of convCases(60, randomStream(11, 'init'))) {
    const expected = expectedProducts(c)
    const got = await tfjsProducts(c)
    for (const product of ['y', 'dw', 'dx'] as const) {
      expect(relativeError(got[product], expected[product]), `${product}: ${c.name}`).toBeLessThan(2e-6)
    }
  }
  expect(tf.memory().numTensors).toBe(before)
})

it('any tile gives the same products, also those that do not divide the sizes', async () => {
  const backend = tf.backend() as Backend
  const cases = convCases(200, randomStream(12, 'init')).filter((c) => c.x[3] % 4 === 0 && c.w[3] > 8)
  const tiles = [
    { pixels: 1, blocks: 1, inBlocks: 1, outBlocks: 1, threads: 1 },
    { pixels: 5, blocks: 3, inBlocks: 3, outBlocks: 2, threads: 5000 },
  ]
  for (const c of cases.slice(0, 12)) {
    const expected = expectedProducts(c)
    const shape = {
      batch: c.x[0],
      inHeight: c.x[1],
      inWidth: c.x[2],
      inChannels: c.x[3],
      outHeight: c.y[1],
      outWidth: c.y[2],
      outChannels: c.y[3],
      filterHeight: c.w[0],
      filterWidth: c.w[1],
      strideHeight: c.strides[0],
      strideWidth: c.strides[1],
      padTop: c.before[0],
      padLeft: c.before[1],
    }
    const x = tf.tensor(c.values.x, c.x)
    const w = tf.tensor(c.values.w, c.w)
    const dy = tf.tensor(c.values.dy, c.y)
    for (const tile of tiles) {
      const outputs = {
        y: convForward(backend, [x, w], shape, tile),
        dx: convInputGradient(backend, [dy, w], shape, tile),
        dw: convFilterGradient(backend, [x, dy], shape, tile),
      }
      for (const product of ['y', 'dw', 'dx'] as const) {
        const tensor = tf.engine().makeTensorFromTensorInfo(outputs[product])
        const name = `${product}, ${JSON.stringify(tile)}: ${c.name}`
        expect(relativeError(await tensor.data(), expected[product]), name).toBeLessThan(2e-6)
        tensor.dispose()
      }
    }
    tf.dispose([x, w, dy])
  }
})

it('leaves dilated convolutions to tfjs', async () => {
  const x = tf.ones<tf.Rank.R4>([1, 5, 5, 4])
  const w = tf.ones<tf.Rank.R4>([3, 3, 4, 4])
  const y = await tf.conv2d(x, w, 1, 'valid', 'NHWC', 2).data()
  expect([...y]).toEqual([36, 36, 36, 36])
})
