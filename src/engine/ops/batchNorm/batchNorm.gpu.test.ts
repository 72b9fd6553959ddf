/** Batch norm's kernels on the device. */
import { it } from 'vitest'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import type { Backend } from '../shared/program'
import { batchNormTests, casesOf, checkCase } from './batchNorm.testing'
import { batchNormBackward, batchNormForward } from './webgpu'

onWebGpu()
batchNormTests()

const CHOICES = [
  { threads: 512, interleaved: false, addPartsFirst: false },
  { threads: 8192, interleaved: true, addPartsFirst: true },
  { threads: 1, interleaved: false, addPartsFirst: true },
]

it('forward and backward at random shapes, shared out in every way', async () => {
  const backend = tf.backend() as Backend
  let turn = 0
  for (const { c, want } of casesOf(21, 200)) {
    const [x, dy] = [tf.tensor(c.x, c.shape), tf.tensor(c.dy, c.shape)]
    const [gamma, beta] = [tf.tensor1d(c.gamma), tf.tensor1d(c.beta)]
    const choice = CHOICES[turn++ % CHOICES.length]
    const asTensor = (info: tf.TensorInfo) => tf.engine().makeTensorFromTensorInfo(info)
    const [y, statistics] = batchNormForward(backend, { x, gamma, beta }, c.settings, choice).map(asTensor)
    const grads = batchNormBackward(backend, { x, dy, statistics }, c.settings, choice).map(asTensor)
    checkCase(c, want, await taken([y, statistics, ...grads]))
    tf.dispose([x, dy, gamma, beta])
  }
})
