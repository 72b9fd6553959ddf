/** Threads of Node for the WebAssembly kernels, which one process always has. */
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'

/** What is needed of the engine's own types. */
interface Data {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
}

/** At most so many: what one step has to do is shared out among them. */
const MOST = 8

/**
 * How the kernels run in Node: with relaxed SIMD, which V8 has had behind a flag before Node 22.
 * @param threads in all; default: one for each core
 * @param serve the thread's program, which names nothing outside of itself
 */
export function nodeMachine<D extends Data>(
  serve: (data: D) => void,
  threads = Number(process.env.BASIN_THREADS) || Math.min(MOST, availableParallelism()),
) {
  setFlagsFromString('--experimental-wasm-relaxed-simd')
  const source = `(${serve})(require('node:worker_threads').workerData)`
  const openThread = (data: D) => {
    const worker = new Worker(source, { eval: true, workerData: data })
    worker.unref()
    return { terminate: () => void worker.terminate() }
  }
  return { threads, openThread }
}
