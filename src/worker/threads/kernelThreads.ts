/** Threads of a page for the WebAssembly kernels. */
import type { OpenThread } from '../../engine/wasm/machine'
import type { MachineOptions } from '../../engine/wasm/variants'

/** At most so many: what one step has to do is shared out among them. */
const MOST = 8

/** As many threads as there are cores; one where memory cannot be shared, which takes headers of the host. */
export function pageMachine(openThread: OpenThread): MachineOptions {
  if (!globalThis.crossOriginIsolated) return { threads: 1 }
  return { threads: Math.min(MOST, navigator.hardwareConcurrency ?? 1), openThread }
}
