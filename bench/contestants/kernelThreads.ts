/** Threads of Basin's WebAssembly kernels, in Node and in a page of the bench. */
import { serve, type ThreadData } from '../../src/engine/wasm/serve'
import type { MachineOptions } from '../../src/engine/wasm/variants'

/** @param threads in all; absent: one for each core */
export async function kernelThreads(threads?: number): Promise<MachineOptions> {
  if (typeof process !== 'undefined' && process.versions?.node) {
    const { nodeMachine } = await import('../../src/platform/node/wasmThreads')
    return nodeMachine(serve, threads)
  }
  const openThread = (data: ThreadData) => {
    const worker = new Worker('/kernelsWorker.js', { type: 'module' })
    worker.postMessage(data)
    return { terminate: () => worker.terminate() }
  }
  return { threads: threads ?? navigator.hardwareConcurrency, openThread }
}
