/**
 * The most GFLOP/s a matrix product reaches on this device: what the kernels of a profile are measured against. Timed
 * on growing matrices are the product that runs here and the other kernels that could be chosen for it; the best counts.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { factsOf } from '../device/adapter'
import { matMulCall } from '../ops/matMul/calls'
import { MATRIX_PRODUCT } from '../ops/matMul/webgpu'
import * as tf from '../tf'
import { submitAll } from '../tf/backendParts'

export interface MatmulPeak {
  gflops: number
  /** Which product it was, and the side of its square matrices. */
  kernel: string
  size: number
}

/** Stop growing once one product takes this long. */
const LONG_MS = 60
const SIZES = [256, 512, 1024, 2048, 4096]
const REPEATS = 5

/** Takes some seconds on a CPU adapter. Leaves nothing on the device. */
export async function measureMatmulPeak(backend: WebGPUBackend): Promise<MatmulPeak> {
  let best: MatmulPeak = { gflops: 0, kernel: 'none', size: 0 }
  const slow = new Set<string>()
  for (const size of SIZES) {
    const { products, dispose } = productsOf(backend, size)
    for (const [kernel, run] of products) {
      if (slow.has(kernel)) continue
      const ms = await shortest(backend, run)
      const gflops = (2 * size ** 3) / ms / 1e6
      if (gflops > best.gflops) best = { gflops, kernel, size }
      if (ms > LONG_MS) slow.add(kernel)
    }
    dispose()
    if (slow.size === products.size) break
  }
  return best
}

/** The products of two square matrices by name. */
function productsOf(backend: WebGPUBackend, size: number) {
  const [a, b] = [tf.ones([size, size]), tf.ones([size, size])]
  const args = { inputs: { a, b }, attrs: { transposeA: false, transposeB: false }, backend }
  const call = matMulCall(args)!
  const facts = factsOf(backend.device)
  const rule = MATRIX_PRODUCT.rule(call, facts)
  const products = new Map([['tf.matMul', () => tf.dispose(tf.matMul(a, b))]])
  for (const candidate of MATRIX_PRODUCT.candidates) {
    if (candidate === rule || !candidate.applies(call, facts)) continue
    products.set(candidate.name, () => {
      backend.disposeData(candidate.run({ args, call, stock: () => [] }).dataId)
    })
  }
  return { products, dispose: () => tf.dispose([a, b]) }
}

/** ms of one product; several are queued together, so that the way to the device and back does not count. */
async function shortest(backend: WebGPUBackend, run: () => void): Promise<number> {
  const timed = (products: number) => timeOf(backend, run, products)
  await timed(1)
  const once = await timed(1)
  const queued = Math.max(1, Math.min(50, Math.round(LONG_MS / once)))
  let best = once
  for (let i = 0; i < REPEATS; i++) best = Math.min(best, (await timed(queued)) / queued)
  return best
}

async function timeOf(backend: WebGPUBackend, run: () => void, products: number): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < products; i++) run()
  submitAll(backend)
  await backend.device.queue.onSubmittedWorkDone()
  return performance.now() - started
}

/**
 * The product that was fastest, again: beside kernels that are timed at the same moment, since what else a machine
 * does changes from second to second.
 * @returns products and ms
 */
export async function repeatPeak(
  backend: WebGPUBackend,
  { kernel, size }: MatmulPeak,
  minMs: number,
): Promise<{ steps: number; ms: number }> {
  const { products, dispose } = productsOf(backend, size)
  const run = products.get(kernel)!
  await timeOf(backend, run, 1)
  let [steps, ms] = [0, 0]
  for (let n = 1; ms < minMs; n = Math.min(2 * n, 64)) {
    ms += await timeOf(backend, run, n)
    steps += n
  }
  dispose()
  return { steps, ms }
}
