import { expect, it } from 'vitest'
import { onWebGpu } from '../../gpu.testing'
import * as tf from '../../tf'
import { fusedMeanCrossEntropy } from './crossEntropy'
import { crossEntropyTests } from './crossEntropy.testing'

onWebGpu()
crossEntropyTests()

it('leaves a tensor that is float32 by name only to tfjs', () => {
  const labels = tf.cast(tf.oneHot(tf.tensor1d([1, 0], 'int32'), 2), 'float32') as tf.Tensor2D
  expect(
    fusedMeanCrossEntropy(
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      labels,
    ),
  ).toBeUndefined()
  expect(
    fusedMeanCrossEntropy(
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      tf.tensor2d([
        [0, 1],
        [1, 0],
      ]),
    ),
  ).toBeDefined()
})
