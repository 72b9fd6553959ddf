/** Losses whose Hessians are known otherwise, for the tests of every backend. */

import { type RandomStream, randomStream } from '../../base/random'
import { batchNormAct } from '../../engine/ops/batchNorm/batchNorm'
import { crossEntropyPerExample } from '../../engine/ops/crossEntropy/crossEntropy'
import { cutVector } from '../../engine/ops/pieces/pieces'
import * as tf from '../../engine/tf'
import fixture from './fixtures/hessian_relu.json'
import { hessianVectorProduct, type LossOfTheta } from './hessian'

export const relative = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [difference, size] = [0, 0]
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2
    size += b[i] ** 2
  }
  return Math.sqrt(difference / size)
}

export const normal = (random: RandomStream, n: number, scale = 1): Float32Array =>
  Float32Array.from({ length: n }, () => scale * random.normal())

/** PyTorch's ReLU network: convolutions, batch norm, both poolings, depthwise, strides. */
export function torchCase() {
  const shapes = fixture.params.map(([, shape]) => shape as number[])
  const x = tf.tensor4d(fixture.x_nhwc, [3, 6, 6, 2])
  const labels = tf.tensor2d(
    fixture.labels.flatMap((label) => [0, 1, 2].map((c) => (c === label ? 1 : 0))),
    [3, 3],
  )
  const loss: LossOfTheta = (theta) => {
    const [conv1, gamma, beta, conv2, depthwise, dense, bias] = cutVector(theta, shapes)
    let h = tf.conv2d(x, conv1 as tf.Tensor4D, 1, 'same')
    h = batchNormAct(h, gamma as tf.Tensor1D, beta as tf.Tensor1D, { epsilon: 1e-5, activation: 'relu' }).y
    h = tf.relu(tf.conv2d(tf.maxPool(h, 2, 2, 'valid'), conv2 as tf.Tensor4D, 2, 'same'))
    h = tf.relu(tf.add(tf.depthwiseConv2d(h, depthwise as tf.Tensor4D, 1, 'same'), 0.3))
    const pooled = tf.mean(tf.avgPool(h, 2, 2, 'valid'), [1, 2]) as tf.Tensor2D
    const logits = tf.add(tf.matMul(pooled, dense as tf.Tensor2D), bias) as tf.Tensor2D
    return tf.mean(crossEntropyPerExample(logits, labels))
  }
  return { ...fixture, loss, dispose: () => tf.dispose([x, labels]) }
}

/** Smooth losses, each through other ops, with θ's length. */
export function smoothLosses(): { name: string; size: number; loss: LossOfTheta }[] {
  const random = randomStream(41, 'init')
  const image = normal(random, 2 * 5 * 5 * 4)
  const rows = normal(random, 6 * 5)
  const x = () => tf.tensor4d(image, [2, 5, 5, 4])
  const a = () => tf.tensor2d(rows, [6, 5])
  const soft = (z: tf.Tensor) => tf.mean(tf.square(tf.sub(z, 0.3))) as tf.Scalar
  const dense = (theta: tf.Tensor1D): tf.Tensor2D => tf.matMul(a(), tf.reshape(theta, [5, 4]) as tf.Tensor2D)
  const kernel = (theta: tf.Tensor1D, size: number) => tf.reshape(theta, [size, size, 4, 3]) as tf.Tensor4D
  const one = (name: string, op: (z: tf.Tensor2D) => tf.Tensor) => ({
    name,
    size: 20,
    loss: (theta: tf.Tensor1D) => soft(op(dense(theta))),
  })
  return [
    one('exp', (z) => tf.exp(tf.mul(z, 0.3))),
    one('sigmoid', tf.sigmoid),
    one('tanh', tf.tanh),
    one('elu', tf.elu),
    one('softmax', (z) => tf.softmax(z)),
    one('logSoftmax', (z) => tf.logSoftmax(z)),
    one('max', (z) => tf.square(tf.max(z, 1))),
    one('min', (z) => tf.exp(tf.mul(tf.min(z, 0), 0.2))),
    one('pow', (z) => tf.pow(tf.add(tf.square(z), 1), tf.scalar(1.5))),
    one('swish through batch norm', (z) => {
      const [gamma, beta] = [tf.tensor1d([1, 0.5, 2, 1.5]), tf.tensor1d([0, 0.2, -0.1, 1])]
      return batchNormAct<tf.Tensor>(z, gamma, beta, { epsilon: 1e-3, activation: 'swish' }).y
    }),
    {
      name: 'convolution, strided',
      size: 108,
      loss: (theta) => soft(tf.tanh(tf.conv2d(x(), kernel(theta, 3), 2, 'same'))),
    },
    {
      name: 'two convolutions with average pooling',
      size: 108,
      loss: (theta) => {
        const h = tf.avgPool(tf.tanh(tf.conv2d(x(), kernel(theta, 3), 1, 'same')), 2, 1, 'same')
        const back = tf.transpose(kernel(theta, 3), [0, 1, 3, 2]) as tf.Tensor4D
        return soft(tf.conv2d(h, back, 1, 'valid'))
      },
    },
    {
      name: 'max pooling of a smooth map',
      size: 108,
      loss: (theta) => soft(tf.maxPool(tf.tanh(tf.conv2d(x(), kernel(theta, 3), 1, 'same')), 2, 2, 'same')),
    },
    {
      name: 'depthwise',
      size: 36,
      loss: (theta) =>
        soft(
          tf.sigmoid(
            tf.depthwiseConv2d(tf.mul(x(), 2), tf.reshape(theta, [3, 3, 4, 1]) as tf.Tensor4D, 2, 'same'),
          ),
        ),
    },
  ]
}

/** H·v by central differences of first gradients along v; float32 limits it to some 1e-3. */
export async function differenceProduct(
  loss: LossOfTheta,
  theta: Float32Array,
  v: Float32Array,
  h = 3e-3,
): Promise<Float64Array> {
  const at = async (sign: number) => {
    const moved = tf.tensor1d(theta.map((t, i) => t + sign * h * v[i]))
    const gradient = tf.grad(loss as (t: tf.Tensor) => tf.Tensor)(moved)
    const values = await gradient.data()
    tf.dispose([moved, gradient])
    return values
  }
  const [up, down] = [await at(1), await at(-1)]
  return Float64Array.from(up, (u, i) => (u - down[i]) / (2 * h))
}

export async function productOf(loss: LossOfTheta, theta: ArrayLike<number>, v: ArrayLike<number>) {
  const [t, direction] = [tf.tensor1d(Float32Array.from(theta)), tf.tensor1d(Float32Array.from(v))]
  const product = hessianVectorProduct(loss, t, direction)
  const values = (await product.data()) as Float32Array
  tf.dispose([t, direction, product])
  return values
}
