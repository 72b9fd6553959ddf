/**
 * Average pooling's gradient, shortcuts and global means against double-precision loops; max pooling's
 * against plain loops that are held against tfjs' cpu.
 */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../base/random'
import { taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'
import { maxPoolGradCall } from './calls'
import { maxPoolGradient as plainMaxPoolGradient, maxPoolRead as plainMaxPoolRead } from './cpu'
import { MAX_POOL_READ } from './gradients'
import { addPooled, globalMean } from './pooling'

type Shape = [number, number, number, number]

const sizeOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1)
const draw = (random: RandomStream, shape: Shape) => normals(random, sizeOf(shape))

/** Every window of a VALID pooling with every pixel in it: indices of result and source, channels aside. */
function* meetings([n, h, w]: Shape, size: number, stride: number) {
  const [oh, ow] = [h, w].map((side) => Math.floor((side - size) / stride) + 1)
  for (let i = 0; i < n; i++)
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++)
        for (let ky = 0; ky < size; ky++)
          for (let kx = 0; kx < size; kx++) {
            const source = (i * h + oy * stride + ky) * w + ox * stride + kx
            yield { result: (i * oh + oy) * ow + ox, source }
          }
}

export function poolingTests(): void {
  it('gradient of average pooling at 200 shapes', async () => {
    const random = randomStream(91, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const size = 1 + random.int(4)
      const stride = 1 + random.int(3)
      const shape: Shape = [1 + random.int(3), size + random.int(9), size + random.int(9), 1 + random.int(9)]
      const c = shape[3]
      const [h, w] = [shape[1], shape[2]].map((side) => Math.floor((side - size) / stride) + 1)
      const dyShape: Shape = [shape[0], h, w, c]
      const dyValues = draw(random, dyShape)
      const [x, dy] = [tf.zeros<tf.Rank.R4>(shape), tf.tensor4d(dyValues, dyShape)]
      const gradient = tf.grad((t: tf.Tensor) =>
        tf.sum(tf.mul(tf.avgPool(t as tf.Tensor4D, size, stride, 'valid'), dy)),
      )(x)
      const expected = new Float64Array(x.size)
      for (const { result, source } of meetings(shape, size, stride)) {
        for (let k = 0; k < c; k++) expected[source * c + k] += dyValues[result * c + k] / size ** 2
      }
      const [got] = await taken([gradient])
      expect(relativeError(got, expected), `${shape}, ${size}, ${stride}`).toBeLessThan(1e-5)
      tf.dispose([x, dy])
    }
  })

  it('shortcuts and their gradients at 200 shapes', async () => {
    const random = randomStream(92, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const size = 1 + random.int(3)
      const side = () => size * (1 + random.int(6)) + random.int(size)
      const shape: Shape = [1 + random.int(3), side(), side(), turn % 3 === 0 ? 4 : 1 + random.int(7)]
      const [h, w] = [shape[1], shape[2]].map((length) => Math.floor(length / size))
      const channels = shape[3] + (turn % 3 === 0 ? 4 * random.int(3) : random.int(4))
      const xShape: Shape = [shape[0], h, w, channels]
      const [rValues, xValues, vValues] = [draw(random, shape), draw(random, xShape), draw(random, xShape)]
      const [r, x, v] = [
        tf.tensor4d(rValues, shape),
        tf.tensor4d(xValues, xShape),
        tf.tensor4d(vValues, xShape),
      ]
      const f = (p: tf.Tensor, q: tf.Tensor) =>
        tf.sum(tf.mul(addPooled(p as tf.Tensor4D, q as tf.Tensor4D, size), v))
      const got = await taken([addPooled(x, r, size), ...tf.grads(f)([x, r])])
      const sum = Float64Array.from(xValues)
      const dr = new Float64Array(r.size)
      for (const { result, source } of meetings(shape, size, size)) {
        for (let k = 0; k < shape[3]; k++) {
          sum[result * channels + k] += rValues[source * shape[3] + k] / size ** 2
          dr[source * shape[3] + k] += vValues[result * channels + k] / size ** 2
        }
      }
      const what = `${shape} → ${xShape}`
      expect(relativeError(got[0], sum), what).toBeLessThan(1e-5)
      expect([...got[1]], what).toEqual([...vValues])
      expect(relativeError(got[2], dr), what).toBeLessThan(1e-5)
      tf.dispose([r, x, v])
    }
  })

  it('global means, their gradients, and both twice', async () => {
    const random = randomStream(93, 'init')
    for (let turn = 0; turn < 20; turn++) {
      const shape: Shape = [1 + random.int(4), 1 + random.int(8), 1 + random.int(8), 1 + random.int(9)]
      const x = tf.tensor4d(draw(random, shape), shape)
      const loss = (t: tf.Tensor) => tf.sum(tf.square(globalMean(t as tf.Tensor4D)))
      const plain = (t: tf.Tensor) => tf.sum(tf.square(tf.mean(t, [1, 2])))
      const [got, expected] = await taken([tf.grad(loss)(x), tf.grad(plain)(x)])
      expect(relativeError(got, expected), `${shape}`).toBeLessThan(1e-5)
      tf.dispose(x)
    }
    const shape: Shape = [2, 4, 4, 3]
    const [r, v] = [tf.tensor4d(draw(random, shape), shape), tf.tensor4d(draw(random, shape), shape)]
    const x = tf.tensor4d(normals(random, 2 * 2 * 2 * 5), [2, 2, 2, 5])
    const loss = (t: tf.Tensor) => tf.sum(tf.square(globalMean(addPooled(x, t as tf.Tensor4D, 2))))
    // Quadratic: the product with the second derivative is the gradient's difference.
    const product = tf.grad((t) => tf.sum(tf.mul(tf.grad(loss)(t), v)))(r)
    const difference = tf.sub(tf.grad(loss)(tf.add(r, v)), tf.grad(loss)(r))
    const [got, expected] = await taken([product, difference])
    expect(relativeError(got, expected)).toBeLessThan(1e-4)
    tf.dispose([r, v, x])
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
}
