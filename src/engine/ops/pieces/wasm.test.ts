import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { onWasm, taken } from '../../wasm.testing'
import { normals } from '../shared/convolution.testing'
import { piecesTests } from './pieces.testing'

onWasm()
piecesTests()

/** Values of a window of a tensor, by coordinates. */
function windowOf(values: Float32Array, shape: number[], from: number[], part: number[]): number[] {
  const [strides, partStrides] = [tf.util.computeStrides(shape), tf.util.computeStrides(part)]
  return Array.from({ length: tf.util.sizeFromShape(part) }, (_, i) => {
    const at = tf.util.indexToLoc(i, part.length, partStrides).map((c, axis) => c + from[axis])
    return values[tf.util.locToIndex(at, shape.length, strides)]
  })
}

it('slices, padding, stacks, splits and joins along any axes at 200 shapes', async () => {
  const random = randomStream(57, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const shape = Array.from({ length: 1 + random.int(4) }, () => 1 + random.int(5))
    const values = normals(random, tf.util.sizeFromShape(shape))
    const x = tf.tensor(values, shape)
    const from = shape.map((length) => random.int(length))
    const part = shape.map((length, axis) => 1 + random.int(length - from[axis]))
    const [cut] = await taken([tf.slice(x, from, part)])
    expect([...cut], `${shape}: ${from}, ${part}`).toEqual(windowOf(values, shape, from, part))
    const paddings = shape.map((): [number, number] => [random.int(2), random.int(3)])
    const padded = tf.pad(x, paddings, 0.5)
    const before = paddings.map(([count]) => count)
    const [whole] = await taken([padded])
    expect(whole.filter((value) => value === 0.5)).toHaveLength(whole.length - values.length)
    expect(windowOf(whole, padded.shape, before, shape)).toEqual([...values])
    const axis = random.int(shape.length)
    const both = tf.concat([x, x], axis)
    const halves = await taken([...tf.split(both, 2, axis), ...tf.unstack(tf.stack([x, x], axis), axis)])
    for (const half of halves) expect([...half], `${shape} along ${axis}`).toEqual([...values])
    tf.dispose([x, both])
  }
})
