/** Full-batch steps and λ₁ in WebAssembly: as in plain JavaScript, to the same bits on any number of threads. */
import { expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import { startWasm } from '../../engine/wasm.testing'
import { furthest, watchedNumbers } from './edgeWatch.testing'

it('trains to the numbers of plain JavaScript and leaves nothing behind', async () => {
  await startWasm(1)
  const one = await watchedNumbers()
  await startWasm(2)
  const two = await watchedNumbers()
  expect(two.numbers).toEqual(one.numbers)
  expect([one.left, two.left]).toEqual([0, 0])
  await initBackend('cpu')
  const plain = await watchedNumbers()
  plain.numbers.forEach((wanted, i) => {
    expect(one.numbers[i]).toHaveLength(wanted.length)
    expect(furthest(wanted, one.numbers[i])).toBeLessThan(2e-3)
  })
})
