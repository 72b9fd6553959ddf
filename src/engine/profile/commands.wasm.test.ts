/** A profile in WebAssembly: every command counted under its kernel, the work of products known, results untouched. */
import { expect, it } from 'vitest'
import * as tf from '../tf'
import { onWasm, taken, wasmBackend } from '../wasm.testing'
import { measureCorePeak } from './commands'
import { profileWork } from './profile'

onWasm(2)

it('counts and times what ran, and what it computed', async () => {
  const [a, b] = [tf.ones([20, 30]), tf.ones([30, 40])] as tf.Tensor2D[]
  let values: Float32Array[] = []
  const { rows, dispatches, deviceMs, wallMs } = await profileWork(async () => {
    values = await taken([tf.tidy(() => tf.add(tf.matMul(a, b), 1))])
  })
  expect(new Set(values[0])).toEqual(new Set([31]))
  expect(rows.map(({ kernel, count }) => [kernel, count]).sort()).toEqual([
    ['binaryFlat', 1],
    ['matMul', 1],
  ])
  expect(dispatches).toBe(2)
  const product = rows.find(({ kernel }) => kernel === 'matMul')!
  expect(product.gflops! * product.ms! * 1e6).toBeCloseTo(2 * 20 * 30 * 40)
  expect(deviceMs).toBeLessThan(wallMs)
  expect(wasmBackend().machine.onRun).toBeUndefined()
})

it('finds what one core can do, leaves all threads to the rest and nothing in memory', () => {
  const { machine } = wasmBackend()
  const before = machine.arena.use.blocks
  const { gflops, size } = measureCorePeak(wasmBackend())
  expect(gflops).toBeGreaterThan(0)
  expect(size).toBeGreaterThan(0)
  expect(machine.mostThreads).toBe(2)
  expect(machine.arena.use.blocks).toBe(before)
})
