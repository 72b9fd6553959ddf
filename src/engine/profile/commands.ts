/** The same in WebAssembly: every command timed by the clock, since a kernel runs when it is called. */
import { multiply } from '../ops/matMul/wasm'
import * as tf from '../tf'
import type { KernelName } from '../wasm/kernelNames'
import type { Machine } from '../wasm/machine'
import type { WasmBackend } from '../wasm/wasmBackend'
import { aggregate, type StepProfile, type TimedDispatch } from './aggregate'

/** Kernels whose work is multiply-adds and nothing else. */
const PRODUCTS: ReadonlySet<KernelName> = new Set(['matMul', 'convForward', 'convInput', 'convFilter'])

/** @param work resolves when its results have been read */
export async function profileCommands(machine: Machine, work: () => Promise<unknown>): Promise<StepProfile> {
  const commands: TimedDispatch[] = []
  const started = performance.now()
  machine.onRun = ({ kernel, ms, work }) =>
    commands.push({ kernel, ms, ...(PRODUCTS.has(kernel) && { flops: 2 * work }) })
  try {
    await work()
  } finally {
    machine.onRun = undefined
  }
  return aggregate(commands, true, performance.now() - started)
}

export interface CorePeak {
  /** Of one core. */
  gflops: number
  /** Side of the square matrices. */
  size: number
}

const SIZES = [128, 256, 512]
const REPEATS = 20

/** The fastest matrix product of one core: what it is told to do alone, the best of some. */
export function measureCorePeak(backend: WasmBackend): CorePeak {
  const { machine } = backend
  let best: CorePeak = { gflops: 0, size: 0 }
  machine.mostThreads = 1
  try {
    for (const size of SIZES) {
      const [a, b, c] = [1, 1, 0].map((value) => tf.fill([size, size], value))
      const [x, y, z] = [a, b, c].map((tensor) => backend.addressOf(tensor))
      for (let i = 0; i < REPEATS; i++) {
        const started = performance.now()
        multiply(backend, { address: x, row: size, column: 1 }, { address: y, row: size, column: 1 }, z, {
          rows: size,
          depth: size,
          columns: size,
        })
        const gflops = (2 * size ** 3) / (performance.now() - started) / 1e6
        if (gflops > best.gflops) best = { gflops, size }
      }
      tf.dispose([a, b, c])
    }
  } finally {
    machine.mostThreads = machine.threads
  }
  return best
}
