/** A training step in plain TensorFlow.js: one flat vector of weights, gradients by tf.valueAndGrad. */

import type { Numbers } from '../contestants/protocol'
import { normalised, oneHot, type Stepper } from '../contestants/serve'
import { forward, type Ops } from './network'
import * as tf from './stockTf'

const EPSILON = 1e-5

const ops: Ops<tf.Tensor> = {
  conv: (x, kernel, stride) => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, 'same'),
  batchNorm(x, scale, bias) {
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.batchNorm(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor1D,
      scale as tf.Tensor1D,
      EPSILON,
    )
  },
  relu: (x) => tf.relu(x),
  maxPool2: (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'),
  averagePool: (x, size) => tf.avgPool(x as tf.Tensor4D, size, size, 'valid'),
  padChannels: (x, missing) =>
    tf.pad(x, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, missing],
    ]),
  add: (a, b) => tf.add(a, b),
  globalAverage: (x) => tf.mean(x, [1, 2]),
  flatten: (x) => tf.reshape(x, [x.shape[0], -1]),
  dense: (x, kernel, bias) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias),
}

export function makeTfjsStep(
  { head, theta, images, labels }: Numbers,
  mean: number,
  std: number,
  rho: number,
): Stepper {
  const { hyper, entries } = head
  let weights = tf.tensor1d(theta)
  let momentum = tf.zerosLike(weights)
  const targets = oneHot(labels, head.classes)

  const lossOf = (flat: tf.Tensor, x: tf.Tensor, y: tf.Tensor) => {
    const pieces = tf.split(
      flat,
      entries.map(({ size }) => size),
    )
    const byName = new Map(entries.map(({ name, shape }, i) => [name, tf.reshape(pieces[i], [...shape])]))
    const logits = forward(head, ops, (name) => byName.get(name)!, x)
    return tf.losses.softmaxCrossEntropy(y, logits) as tf.Scalar
  }

  const gradientAt = (flat: tf.Tensor1D, x: tf.Tensor, y: tf.Tensor) => {
    const { value, grad } = tf.valueAndGrad((w: tf.Tensor) => lossOf(w, x, y))(flat)
    return {
      loss: value as tf.Scalar,
      gradient: tf.add(grad, tf.mul(flat, hyper.weightDecay)) as tf.Tensor1D,
    }
  }

  const step = (): tf.Scalar => {
    const [loss, newWeights, newMomentum] = tf.tidy(() => {
      const x = tf.tensor4d(normalised(images, mean, std), [head.batch, ...head.shape])
      const y = tf.tensor2d(targets, [head.batch, head.classes])
      const first = gradientAt(weights, x, y)
      let { gradient } = first
      if (rho > 0) {
        const scale = tf.div(rho, tf.norm(gradient))
        gradient = gradientAt(tf.add(weights, tf.mul(gradient, scale)), x, y).gradient
      }
      const norm = tf.norm(gradient)
      const clipped = tf.mul(gradient, tf.minimum(1, tf.div(hyper.clip, norm)))
      const velocity = tf.add(tf.mul(momentum, hyper.momentum), clipped) as tf.Tensor1D
      const direction = tf.add(tf.mul(velocity, hyper.momentum), clipped)
      return [first.loss, tf.sub(weights, tf.mul(direction, hyper.learningRate)) as tf.Tensor1D, velocity]
    })
    tf.dispose([weights, momentum])
    weights = newWeights as tf.Tensor1D
    momentum = newMomentum as tf.Tensor1D
    return loss as tf.Scalar
  }

  const read = async (loss: tf.Scalar) => {
    const [value] = await loss.data()
    loss.dispose()
    return value
  }

  return {
    async steps(n) {
      let last: tf.Scalar | undefined
      for (let i = 0; i < n; i++) {
        last?.dispose()
        last = step()
      }
      return read(last!)
    },
    issue() {
      return read(step())
    },
    dispose: () => tf.dispose([weights, momentum]),
  }
}
