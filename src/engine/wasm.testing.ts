/** What the tests of WebAssembly kernels share: the backend with our kernels, some threads. */
import { afterAll, beforeAll } from 'vitest'
import { initBackend } from './backend'
import * as tf from './tf'
import type { WasmBackend } from './wasm/wasmBackend'

export { taken } from './gpu.testing'

/** Call at the top of a test file. */
export function onWasm(): void {
  beforeAll(async () => {
    await initBackend('wasm', { wasm: { threads: 1 } })
  })
  afterAll(() => wasmBackend().machine?.dispose())
}

export const wasmBackend = (): WasmBackend => tf.backend() as WasmBackend
