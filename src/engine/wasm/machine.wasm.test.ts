/** Threads that share a kernel: one that never comes is not waited for, and the bits are those of one alone. */
import { expect, it } from 'vitest'
import { nodeMachine } from '../../platform/node/wasmThreads'
import { initBackend } from '../backend'
import * as tf from '../tf'
import { taken, wasmBackend } from '../wasm.testing'
import { serve } from './serve'

const drawn = (seed: number, shape: [number, number]) =>
  tf.tidy(() => tf.randomNormal<tf.Rank.R2>(shape, 0, 1, 'float32', seed))

/** Products, sums and formulas of odd sizes. */
async function results(): Promise<Float32Array[]> {
  const [a, b] = [drawn(1, [67, 131]), drawn(2, [131, 97])]
  const made = tf.tidy(() => {
    const product: tf.Tensor = tf.matMul(a, b)
    return [product, tf.sum(product, 0), tf.relu(tf.sub(product, 1)), tf.mul(tf.exp(a), a)]
  })
  tf.dispose([a, b])
  return taken(made)
}

it('one of three threads never comes', async () => {
  await initBackend('wasm', { wasm: { ...nodeMachine(serve, 1), worth: 1 } })
  const alone = await results()
  wasmBackend().machine.dispose()
  let threads = 0
  const { openThread } = nodeMachine(serve, 3)
  const wasm = {
    threads: 3,
    openThread: (data: Parameters<typeof openThread>[0]) =>
      threads++ === 0 ? openThread(data) : { terminate() {} },
    worth: 1,
  }
  await initBackend('wasm', { wasm })
  expect(wasmBackend().machine.threads).toBe(3)
  for (let turn = 0; turn < 50; turn++) expect(await results()).toEqual(alone)
  wasmBackend().machine.dispose()
})

it('nobody comes at all', async () => {
  await initBackend('wasm', { wasm: { threads: 2, openThread: () => ({ terminate() {} }), worth: 1 } })
  const [[first]] = [await taken([tf.sum(tf.ones([300, 300]))])]
  expect(first[0]).toBe(90_000)
  wasmBackend().machine.dispose()
})
