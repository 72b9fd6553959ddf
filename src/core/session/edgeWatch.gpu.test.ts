/** Full-batch steps and λ₁ on WebGPU: as in plain JavaScript, and nothing is left behind. */
import { expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import { furthest, ONE_CASE, watchedNumbers } from './edgeWatch.testing'

it('trains to the numbers of plain JavaScript and leaves nothing behind', async () => {
  await initBackend('cpu')
  const plain = await watchedNumbers(ONE_CASE)
  await initBackend('webgpu')
  const found = await watchedNumbers(ONE_CASE)
  expect(found.left).toBe(0)
  plain.numbers.forEach((wanted, i) => {
    expect(found.numbers[i]).toHaveLength(wanted.length)
    expect(furthest(wanted, found.numbers[i])).toBeLessThan(5e-3)
  })
})
