/** Kernels of WebAssembly after those of plain JavaScript, which it is given for all that it has none for. */
import { afterAll, expect, it } from 'vitest'
import { initBackend } from '../backend'
import * as tf from '../tf'
import { startWasm, wasmBackend } from '../wasm.testing'

afterAll(() => wasmBackend().machine?.dispose())

it('are its own, whoever was first', async () => {
  await initBackend('cpu')
  await startWasm(1)
  for (const name of [tf.Conv2D, tf.BatchMatMul, tf.Multiply, tf.Sum, tf.Mean]) {
    expect(tf.getKernel(name, 'wasm').kernelFunc, name).not.toBe(tf.getKernel(name, 'cpu').kernelFunc)
  }
})
