/** What the tests of WebAssembly kernels share: the backend with our kernels, some threads. */
import { afterAll, beforeAll } from 'vitest'
import { nodeMachine } from '../platform/node/wasmThreads'
import { initBackend } from './backend'
import * as tf from './tf'
import { serve } from './wasm/serve'
import type { WasmBackend } from './wasm/wasmBackend'

export { taken } from './gpu.testing'

/** The backend with so many threads, which help with everything. */
export async function startWasm(threads: number): Promise<void> {
  await initBackend('wasm', { wasm: { ...nodeMachine(serve, threads), worth: 1 } })
}

/** Call at the top of a test file. */
export function onWasm(threads = 1): void {
  beforeAll(() => startWasm(threads))
  afterAll(() => wasmBackend().machine?.dispose())
}

export const wasmBackend = (): WasmBackend => tf.backend() as WasmBackend
