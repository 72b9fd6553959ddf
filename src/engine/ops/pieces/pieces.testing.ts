/** Cutting one vector into tensors and joining them,. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals } from '../shared/convolution.testing'
import { cutVector, joinFirst } from './pieces'

export function piecesTests(): void {
  it('one vector as many tensors, and back as its gradient', async () => {
    const random = randomStream(53, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const shapes = Array.from({ length: 1 + random.int(30) }, () =>
        Array.from({ length: 1 + random.int(3) }, () => random.int(6) || 1),
      )
      if (turn % 7 === 0) shapes.push([0, 3])
      const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape))
      const total = sizes.reduce((a, b) => a + b, 0)
      const [values, weights] = [normals(random, total), normals(random, total)]
      const vector = tf.tensor1d(values)
      const pieces = cutVector(vector, shapes)
      expect(pieces.map(({ shape }) => shape)).toEqual(shapes)
      const joined = await taken(pieces)
      expect(joined.flatMap((piece) => [...piece])).toEqual([...values])
      // Stock sums of nothing do not run on WebGPU.
      if (sizes.includes(0)) {
        vector.dispose()
        continue
      }
      const factors = cutVector(tf.tensor1d(weights), shapes)
      const gradient = tf.grad((x) =>
        cutVector(x as tf.Tensor1D, shapes).reduce(
          (sum, piece, i) => tf.add(sum, tf.sum(tf.mul(piece, factors[i]))) as tf.Scalar,
          tf.scalar(0),
        ),
      )(vector)
      if (turn % 10 === 0) expect([...(await gradient.data())]).toEqual([...weights])
      tf.dispose([vector, gradient, ...factors])
    }
    const firsts = joinFirst(
      [
        {
          tensor: tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
          size: 2,
        },
        { tensor: tf.tensor1d([5]), size: 1 },
      ],
      3,
    )
    expect([...(await firsts.data())]).toEqual([1, 2, 5])
  })

  it('copies large pieces among small ones, both ways', async () => {
    const shapes = [
      [7],
      [64, 40],
      [3, 1],
      [2048],
      [5000],
      ...Array.from({ length: 12 }, () => [2, 3]),
      [2047],
    ]
    const total = shapes.reduce((sum, shape) => sum + tf.util.sizeFromShape(shape), 0)
    const random = randomStream(56, 'init')
    const [values, weights] = [normals(random, total), normals(random, total)]
    const [vector, factors] = [tf.tensor1d(values), tf.tensor1d(weights)]
    const weighed = (x: tf.Tensor) => {
      const others = cutVector(factors, shapes)
      return cutVector(x as tf.Tensor1D, shapes)
        .map((piece, i) => tf.sum(tf.mul(piece, others[i])))
        .reduce((a, b) => tf.add(a, b))
    }
    const [gradient, ...pieces] = await taken([tf.grad(weighed)(vector), ...cutVector(vector, shapes)])
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...values])
    expect([...gradient]).toEqual([...weights])
    tf.dispose([vector, factors])
  })
}
