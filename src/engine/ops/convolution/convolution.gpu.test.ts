/** The WGSL kernels, asked for through tfjs in Chromium, against double loops over the definitions. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { initBackend } from '../../backend'
import * as tf from '../../tf'
import { checkBinary, checkReductions } from '../broadcast/broadcast.testing'
import { maxPoolGradient as plainMaxPoolGradient, maxPoolRead as plainMaxPoolRead } from '../pooling/cpu'
import {
  convCases,
  expectedProducts,
  normals,
  relativeError,
  shapeOf,
  tfjsProducts,
} from '../shared/convolution.testing'
import { maxPoolGradCall } from '../shared/convShape'
import type { Backend } from '../shared/program'
import { MAX_POOL_READ } from './gradients'
import { convFilterGradient } from './wgsl/filterGradient'
import { convForward, convInputGradient } from './wgsl/gatherConv'
import { rowConvForward, rowConvInputGradient, takesRows } from './wgsl/rowConv'
import { rowFilterGradient } from './wgsl/rowFilterGradient'

const gpuErrors: string[] = []

beforeAll(async () => {
  await initBackend('webgpu')
  const { device } = tf.backend() as Backend
  device.onuncapturederror = ({ error }) => gpuErrors.push(error.message)
})

afterAll(() => expect(gpuErrors).toEqual([]))

it('convolutions and their gradients at random shapes', async () => {
  const before = tf.memory().numTensors
  for (const c of convCases(200, randomStream(11, 'init'))) {
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

it('row tiles of any size give the same products', async () => {
  const backend = tf.backend() as Backend
  const all = convCases(3000, randomStream(16, 'init')).map((c) => ({ c, shape: shapeOf(c) }))
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
      y: rowConvForward(backend, [x, w], shape, tile),
      dx: rowConvInputGradient(backend, [dy, w], shape, tile),
      dw: rowFilterGradient(backend, [x, dy], shape, tile),
    }
    for (const product of ['y', 'dx', 'dw'] as const) {
      const tensor = tf.engine().makeTensorFromTensorInfo(outputs[product])
      const name = `${product}, ${JSON.stringify(tile)}: ${c.name}`
      expect(relativeError(await tensor.data(), expected[product]), name).toBeLessThan(2e-6)
      tensor.dispose()
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

it('element-wise ops and reductions, whatever repeats or is summed', async () => {
  const random = randomStream(13, 'init')
  for (const c of [...(await checkBinary(random, 200)), ...(await checkReductions(random, 200))]) {
    expect(c.shape, c.name).toEqual(c.expectedShape)
    expect(relativeError(c.got, c.expected), c.name).toBeLessThan(2e-6)
  }
})

it('depthwise convolutions and their gradients at random shapes', async () => {
  const random = randomStream(17, 'init')
  for (const c of convCases(200, random)) {
    const [channels, filterShape] = [c.x[3], [c.w[0], c.w[1], c.x[3], 1]]
    const size = (shape: number[]) => tf.util.sizeFromShape(shape)
    const outShape = [c.y[0], c.y[1], c.y[2], channels]
    const [w, dy] = [normals(random, size(filterShape)), normals(random, size(outShape))]
    const expected = {
      y: new Float64Array(size(outShape)),
      dx: new Float64Array(size(c.x)),
      dw: new Float64Array(w.length),
    }
    for (let out = 0; out < dy.length; out++) {
      const [channel, pixel] = [out % channels, Math.floor(out / channels)]
      const [n, oy, ox] = [
        Math.floor(pixel / (c.y[1] * c.y[2])),
        Math.floor(pixel / c.y[2]) % c.y[1],
        pixel % c.y[2],
      ]
      for (let tap = 0; tap < c.w[0] * c.w[1]; tap++) {
        const iy = oy * c.strides[0] - c.before[0] + Math.floor(tap / c.w[1])
        const ix = ox * c.strides[1] - c.before[1] + (tap % c.w[1])
        if (iy < 0 || iy >= c.x[1] || ix < 0 || ix >= c.x[2]) continue
        const at = ((n * c.x[1] + iy) * c.x[2] + ix) * channels + channel
        const weight = tap * channels + channel
        expected.y[out] += c.values.x[at] * w[weight]
        expected.dw[weight] += c.values.x[at] * dy[out]
        expected.dx[at] += w[weight] * dy[out]
      }
    }
    const tensors = {
      x: tf.tensor(c.values.x, c.x),
      filter: tf.tensor(w, filterShape),
      dy: tf.tensor(dy, outShape),
    }
    // tfjs' op wants no explicit padding of a strided depthwise convolution from its gradient: kernels are called.
    const attrs = {
      strides: c.strides,
      pad: c.pad,
      dilations: [1, 1],
      dimRoundingMode: null,
      dataFormat: 'NHWC',
    }
    const run = (name: string, names: ('x' | 'filter' | 'dy')[], more: object) =>
      tf.engine().runKernel(name, Object.fromEntries(names.map((key) => [key, tensors[key]])), {
        ...attrs,
        ...more,
      } as never) as tf.Tensor
    const got = {
      y: run(tf.DepthwiseConv2dNative, ['x', 'filter'], {}),
      dx: run(tf.DepthwiseConv2dNativeBackpropInput, ['dy', 'filter'], { inputShape: c.x }),
      dw: run(tf.DepthwiseConv2dNativeBackpropFilter, ['x', 'dy'], { filterShape }),
    }
    for (const product of ['y', 'dx', 'dw'] as const) {
      expect(
        relativeError(await got[product].data(), expected[product]),
        `${product}: ${c.name}`,
      ).toBeLessThan(2e-6)
    }
    tf.dispose([tensors, got])
  }
})

it('matrix products, every transpose', async () => {
  const random = randomStream(14, 'init')
  for (let i = 0; i < 200; i++) {
    const [rows, depth, columns] = [1 + random.int(20), 1 + random.int(40), 1 + random.int(20)]
    const [transposeA, transposeB] = [random.int(2) === 1, random.int(2) === 1]
    const batch = [[], [1], [2]][random.int(3)]
    const n = batch[0] ?? 1
    const [av, bv] = [normals(random, n * rows * depth), normals(random, n * depth * columns)]
    const a = tf.tensor(av, [...batch, ...(transposeA ? [depth, rows] : [rows, depth])])
    const b = tf.tensor(bv, [...batch, ...(transposeB ? [columns, depth] : [depth, columns])])
    const got = tf.matMul(a, b, transposeA, transposeB)
    const name = `[${a.shape}] ${transposeA} × [${b.shape}] ${transposeB}`
    expect(got.shape, name).toEqual([...batch, rows, columns])
    const expected = new Float64Array(got.size)
    for (let at = 0; at < got.size; at++) {
      const image = Math.floor(at / (rows * columns))
      const [r, c] = [Math.floor(at / columns) % rows, at % columns]
      for (let k = 0; k < depth; k++) {
        const inA = image * rows * depth + (transposeA ? k * rows + r : r * depth + k)
        const inB = image * depth * columns + (transposeB ? c * depth + k : k * columns + c)
        expected[at] += av[inA] * bv[inB]
      }
    }
    expect(relativeError(await got.data(), expected), name).toBeLessThan(2e-6)
    tf.dispose([a, b, got])
  }
})

it('max pooling’s gradient and what it reads, overlapping windows and ties included, at 200 shapes', async () => {
  const random = randomStream(15, 'init')
  for (let i = 0; i < 200; i++) {
    const size = 1 + random.int(4)
    const stride = 1 + random.int(4)
    const pad = random.int(2) ? 'same' : 'valid'
    const channels = [1, 3, 4, 8][random.int(4)]
    const shape = [1 + random.int(3), size + random.int(8), size + random.int(8), channels]
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.int(4))
    const input = tf.tensor4d(values, shape as [number, number, number, number])
    const output = tf.maxPool(input, size, stride, pad)
    const dyValues = normals(random, output.size)
    const dy = tf.tensor(dyValues, output.shape)
    const attrs = { filterSize: size, strides: stride, pad, dimRoundingMode: undefined }
    const call = maxPoolGradCall({
      inputs: { dy, input, output },
      backend: tf.backend(),
      attrs: attrs as never,
    })
    const got = tf.engine().runKernel(tf.MaxPoolGrad, { dy, input, output }, attrs as never) as tf.Tensor
    const what = `${shape} ${size} ${stride} ${pad}`
    const expected = plainMaxPoolGradient(dyValues, values, call!.shape)
    expect(relativeError(await got.data(), expected), what).toBeLessThan(1e-6)
    // The pooling of another map by the same maxima: what a second derivative asks for.
    const vValues = normals(random, input.size)
    const v = tf.tensor(vValues, input.shape)
    const read = tf.engine().runKernel(MAX_POOL_READ, { v, x: input }, attrs as never) as tf.Tensor
    expect(read.shape, what).toEqual(output.shape)
    expect([...(await read.data())], what).toEqual([...plainMaxPoolRead(vValues, values, call!.shape)])
    tf.dispose([input, output, dy, got, v, read])
  }
})
