/** Batch norm's kernels in WebAssembly. */
import { it } from 'vitest'
import * as tf from '../../tf'
import { runFused } from '../../tf/kernels'
import { onWasm, taken } from '../../wasm.testing'
import { BATCH_NORM } from './batchNorm'
import { batchNormTests, casesOf, checkCase } from './batchNorm.testing'

onWasm()
batchNormTests()

it('forward and backward at 200 shapes', async () => {
  for (const { c, want } of casesOf(21, 200)) {
    const [x, dy] = [tf.tensor(c.x, c.shape), tf.tensor(c.dy, c.shape)]
    const [gamma, beta] = [tf.tensor1d(c.gamma), tf.tensor1d(c.beta)]
    const [y, statistics] = runFused(BATCH_NORM, { x, gamma, beta }, c.settings)
    const grads = runFused(`${BATCH_NORM}Gradient`, { x, dy, statistics }, c.settings)
    checkCase(c, want, await taken([y, statistics, ...grads]))
    tf.dispose([x, dy, gamma, beta])
  }
})
