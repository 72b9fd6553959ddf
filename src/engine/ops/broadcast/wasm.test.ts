/** Element-wise kernels and sums in WebAssembly, by coordinates in double. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWasm } from '../../wasm.testing'
import { relativeError } from '../shared/convolution.testing'
import { checkBinary, checkReductions, checkRows } from './broadcast.testing'

onWasm()

it('element-wise ops and reductions, whatever repeats or is summed', async () => {
  const random = randomStream(13, 'init')
  for (const c of [
    ...(await checkBinary(random, 200)),
    ...(await checkReductions(random, 200)),
    ...(await checkRows(random, 60)),
  ]) {
    expect(c.shape, c.name).toEqual(c.expectedShape)
    expect(relativeError(c.got, c.expected), c.name).toBeLessThan(2e-6)
  }
})
