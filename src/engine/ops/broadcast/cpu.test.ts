/** Element-wise ops and sums in plain JavaScript, asked for through tfjs, by coordinates in double. */
import { beforeAll, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { initBackend } from '../../backend'
import { relativeError } from '../shared/convolution.testing'
import { checkBinary, checkReductions } from './broadcast.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

it('element-wise ops and reductions, whatever repeats or is summed', async () => {
  const random = randomStream(5, 'init')
  for (const c of [...(await checkBinary(random, 100)), ...(await checkReductions(random, 100))]) {
    expect(c.shape, c.name).toEqual(c.expectedShape)
    expect(relativeError(c.got, c.expected), c.name).toBeLessThan(3e-7)
  }
})
