/** Threads of a page for the WebAssembly kernels. */
import type { ThreadData } from '../../engine/wasm/serve'
import type { MachineOptions } from '../../engine/wasm/variants'

/** At most so many: what one step has to do is shared out among them. */
const MOST = 8

/** As many threads as there are cores; one where memory cannot be shared, which takes headers of the host. */
export function pageMachine(): MachineOptions {
  if (!globalThis.crossOriginIsolated) return { threads: 1 }
  return { threads: Math.min(MOST, navigator.hardwareConcurrency ?? 1), openThread }
}

function openThread(data: ThreadData) {
  const worker = new Worker(new URL('./kernels.worker.ts', import.meta.url), { type: 'module' })
  worker.postMessage(data)
  return { terminate: () => worker.terminate() }
}
