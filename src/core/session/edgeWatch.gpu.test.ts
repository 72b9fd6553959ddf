/** Full-batch steps and λ₁ on WebGPU: as in plain JavaScript, and nothing is left behind. */
import { expect, it } from 'vitest'
import { onWebGpu, startBackend } from '../../engine/gpu.testing'
import { furthest, ONE_CASE, watchedNumbers } from './edgeWatch.testing'

onWebGpu()

it('trains to the numbers of plain JavaScript and leaves nothing behind', async () => {
  await startBackend('cpu')
  const plain = await watchedNumbers(ONE_CASE)
  await startBackend('webgpu')
  const found = await watchedNumbers(ONE_CASE)
  expect(found.left).toBe(0)
  plain.numbers.forEach((wanted, i) => {
    expect(found.numbers[i]).toHaveLength(wanted.length)
    expect(furthest(wanted, found.numbers[i])).toBeLessThan(5e-3)
  })
})
