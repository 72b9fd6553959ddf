/** The plain-JavaScript kernels, asked for through tfjs, against double loops over the definitions. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { registerKernels } from '..'
import { checkBinary, checkReductions } from '../broadcast/broadcast.testing'
import {
  convCases,
  expectedProducts,
  normals,
  relativeError,
  tfjsProducts,
} from '../shared/convolution.testing'

let stock: Record<string, tf.KernelFunc>
const NAMES = [
  tf.Conv2D,
  tf.Conv2DBackpropFilter,
  tf.Conv2DBackpropInput,
  tf.MaxPoolGrad,
  tf.BatchMatMul,
  tf.Multiply,
  tf.Sum,
  tf.Mean,
]

beforeAll(async () => {
  await tf.setBackend('cpu')
  stock = Object.fromEntries(NAMES.map((name) => [name, tf.getKernel(name, 'cpu').kernelFunc]))
  registerKernels()
})

it('replaces each kernel once, however often it is asked to', () => {
  const first = NAMES.map((name) => tf.getKernel(name, 'cpu').kernelFunc)
  registerKernels()
  expect(NAMES.map((name) => tf.getKernel(name, 'cpu').kernelFunc)).toEqual(first)
  for (const [i, name] of NAMES.entries()) expect(first[i]).not.toBe(stock[name])
})

it('convolutions and their gradients at random shapes', async () => {
  for (const c of convCases(150, randomStream(1, 'init'))) {
    const expected = expectedProducts(c)
    const got = await tfjsProducts(c)
    for (const product of ['y', 'dw', 'dx'] as const) {
      expect(relativeError(got[product], expected[product]), `${product}: ${c.name}`).toBeLessThan(2e-7)
    }
  }
})

it('leaves dilated and channels-first convolutions to tfjs', async () => {
  const random = randomStream(2, 'init')
  const x = tf.tensor4d(normals(random, 2 * 7 * 7 * 3), [2, 7, 7, 3])
  const w = tf.tensor4d(normals(random, 3 * 3 * 3 * 4), [3, 3, 3, 4])
  const dilated = await tf.conv2d(x, w, 1, 'same', 'NHWC', 2).data()
  // A dilated kernel is a larger one with holes.
  const weights = await w.data()
  const holes = new Float32Array(5 * 5 * 12)
  for (let tap = 0; tap < 9; tap++) {
    const row = weights.subarray(tap * 12, tap * 12 + 12)
    holes.set(row, (Math.floor(tap / 3) * 10 + (tap % 3) * 2) * 12)
  }
  const spread = tf.conv2d(x, tf.tensor4d(holes, [5, 5, 3, 4]), 1, 'same')
  expect(relativeError(dilated, await spread.data())).toBeLessThan(1e-6)
  const channelsFirst = tf.conv2d(tf.transpose(x, [0, 3, 1, 2]), w, 1, 'same', 'NCHW')
  const back = await tf.transpose(channelsFirst, [0, 2, 3, 1]).data()
  expect(relativeError(back, await tf.conv2d(x, w, 1, 'same').data())).toBeLessThan(1e-6)
})

describe('matMul', () => {
  const random = randomStream(3, 'init')
  const dense = (shape: number[]) => tf.tensor(normals(random, tf.util.sizeFromShape(shape)), shape)

  it('every combination of transposes, at sizes around the block', async () => {
    for (let i = 0; i < 60; i++) {
      const [rows, depth, columns] = [1 + random.int(13), 1 + random.int(40), 1 + random.int(13)]
      const [transposeA, transposeB] = [random.int(2) === 1, random.int(2) === 1]
      const batch = [[], [3], [2, 2]][random.int(3)]
      const a = dense([...batch, ...(transposeA ? [depth, rows] : [rows, depth])])
      const shared = batch.length === 1 && random.int(2) === 1
      const b = dense([...(shared ? [1] : batch), ...(transposeB ? [columns, depth] : [depth, columns])])
      const got = tf.matMul(a, b, transposeA, transposeB)
      expect(got.shape).toEqual([...batch, rows, columns])
      const [av, bv] = [await a.data(), await b.data()]
      const expected = new Float64Array(got.size)
      for (let at = 0; at < got.size; at++) {
        const n = Math.floor(at / (rows * columns))
        const [r, c] = [Math.floor(at / columns) % rows, at % columns]
        for (let k = 0; k < depth; k++) {
          const inA = n * rows * depth + (transposeA ? k * rows + r : r * depth + k)
          const inB = (shared ? 0 : n * depth * columns) + (transposeB ? c * depth + k : k * columns + c)
          expected[at] += av[inA] * bv[inB]
        }
      }
      const name = `${a.shape} × ${b.shape}, transposed ${transposeA} ${transposeB}`
      expect(relativeError(await got.data(), expected), name).toBeLessThan(2e-7)
    }
  })

  it('gives int32 products to tfjs', async () => {
    const product = tf.matMul(
      tf.tensor2d([[1, 2]], [1, 2], 'int32'),
      tf.tensor2d([[3], [4]], [2, 1], 'int32'),
    )
    expect(product.dtype).toBe('int32')
    expect([...(await product.data())]).toEqual([11])
  })
})

it('max pooling’s gradient is tfjs’ own, ties included', async () => {
  const random = randomStream(4, 'init')
  for (let i = 0; i < 60; i++) {
    const size = 1 + random.int(3)
    const stride = 1 + random.int(3)
    const pad = random.int(2) ? 'same' : 'valid'
    const shape: [number, number, number, number] = [
      1 + random.int(3),
      size + random.int(8),
      size + random.int(8),
      1 + random.int(5),
    ]
    // A few levels only: many windows have several maxima.
    const input = tf.tensor4d(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.int(4)),
      shape,
    )
    const output = tf.maxPool(input, size, stride, pad)
    const dy = tf.tensor(normals(random, output.size), output.shape)
    const attrs = { filterSize: size, strides: stride, pad, dimRoundingMode: undefined }
    const inputs = { dy, input, output }
    const got = tf.engine().runKernel(tf.MaxPoolGrad, inputs, attrs as never) as tf.Tensor
    const backend = tf.backend()
    const expected = stock[tf.MaxPoolGrad]({ inputs, attrs: attrs as never, backend }) as tf.TensorInfo
    const values = (backend as unknown as { readSync(id: object): Float32Array }).readSync(expected.dataId)
    expect(relativeError(await got.data(), values), `${shape} ${size} ${stride} ${pad}`).toBeLessThan(3e-7)
  }
})

it('element-wise ops and reductions, whatever repeats or is summed', async () => {
  const random = randomStream(5, 'init')
  for (const c of [...(await checkBinary(random, 100)), ...(await checkReductions(random, 100))]) {
    expect(c.shape, c.name).toEqual(c.expectedShape)
    expect(relativeError(c.got, c.expected), c.name).toBeLessThan(3e-7)
  }
})
