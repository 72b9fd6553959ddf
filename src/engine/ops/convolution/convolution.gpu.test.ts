/** Convolutions' WGSL kernels, asked for through tfjs in Chromium, against double loops over the definitions. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import {
  convCases,
  expectedProducts,
  type Products,
  relativeError,
  rowCases,
  shapeOf,
  tfjsProducts,
} from '../shared/convolution.testing'
import type { Backend } from '../shared/program'
import { convFilterGradient } from './wgsl/filterGradient'
import { gatherConv } from './wgsl/gatherConv'
import { rowConv, takesRows } from './wgsl/rowConv'
import { rowFilterGradient } from './wgsl/rowFilterGradient'

onWebGpu()

async function expectClose(outputs: Products<tf.TensorInfo>, expected: Products<Float64Array>, name: string) {
  const products = ['y', 'dw', 'dx'] as const
  const got = await taken(products.map((product) => tf.engine().makeTensorFromTensorInfo(outputs[product])))
  for (const [i, product] of products.entries())
    expect(relativeError(got[i], expected[product]), `${product}, ${name}`).toBeLessThan(2e-6)
}

it('convolutions and their gradients at random shapes', async () => {
  const before = tf.memory().numTensors
  const cases = convCases(200, randomStream(11, 'init'))
  // Many at a time: reading each by itself is a way to the device and back for every one.
  for (let first = 0; first < cases.length; first += 50) {
    const some = cases.slice(first, first + 50)
    const pending = some.map(tfjsProducts)
    const expected = some.map(expectedProducts)
    for (const [i, got] of (await Promise.all(pending)).entries()) {
      for (const product of ['y', 'dw', 'dx'] as const) {
        const error = relativeError(got[product], expected[i][product])
        expect(error, `${product}: ${some[i].name}`).toBeLessThan(2e-6)
      }
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
    { pixels: 4, blocks: 2, inBlocks: 2, outBlocks: 2, threads: 32768 },
  ]
  for (const c of cases.slice(0, 12)) {
    const expected = expectedProducts(c)
    const shape = shapeOf(c)
    const x = tf.tensor(c.values.x, c.x)
    const w = tf.tensor(c.values.w, c.w)
    const dy = tf.tensor(c.values.dy, c.y)
    for (const tile of tiles) {
      const outputs = {
        y: gatherConv('forward', tile)(backend, [x, w], shape),
        dx: gatherConv('backward', tile)(backend, [dy, w], shape),
        dw: convFilterGradient(tile)(backend, [x, dy], shape),
      }
      await expectClose(outputs, expected, `${JSON.stringify(tile)}: ${c.name}`)
    }
    tf.dispose([x, w, dy])
  }
})

it('row tiles of any size give the same products', async () => {
  const backend = tf.backend() as Backend
  const all = rowCases(60, randomStream(16, 'init')).map((c) => ({ c, shape: shapeOf(c) }))
  const cases = all.filter(({ shape }) => takesRows(shape)).slice(0, 40)
  expect(cases.length).toBe(40)
  const tiles = [
    { rows: 1, pixels: 14, blocks: 4, inBlocks: 2, outBlocks: 2, threads: 1024 },
    { rows: 2, pixels: 7, blocks: 2, inBlocks: 3, outBlocks: 1, threads: 1 },
    { rows: 3, pixels: 1, blocks: 1, inBlocks: 1, outBlocks: 2, threads: 40 },
  ]
  let turn = 0
  for (const { c, shape } of cases) {
    const expected = expectedProducts(c)
    const [x, w, dy] = [tf.tensor(c.values.x, c.x), tf.tensor(c.values.w, c.w), tf.tensor(c.values.dy, c.y)]
    const tile = tiles[turn++ % tiles.length]
    const outputs = {
      y: rowConv('forward', tile)(backend, [x, w], shape),
      dx: rowConv('backward', tile)(backend, [dy, w], shape),
      dw: rowFilterGradient(tile)(backend, [x, dy], shape),
    }
    await expectClose(outputs, expected, `${JSON.stringify(tile)}: ${c.name}`)
    tf.dispose([x, w, dy])
  }
})

it('leaves dilated convolutions to tfjs', async () => {
  const x = tf.ones<tf.Rank.R4>([1, 5, 5, 4])
  const w = tf.ones<tf.Rank.R4>([3, 3, 4, 4])
  const y = await tf.conv2d(x, w, 1, 'valid', 'NHWC', 2).data()
  expect([...y]).toEqual([36, 36, 36, 36])
})
