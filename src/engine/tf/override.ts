/**
 * Puts our kernel in the place of tfjs' own for one backend, keeping the stock one at hand for the cases ours does
 * not take. Ops and gradients above the kernels stay tfjs'.
 */
import * as tf from './index'

export type KernelArgs = Parameters<tf.KernelFunc>[0]

const ours = new WeakSet<tf.KernelFunc>()

/**
 * Replaces the kernel `kernelName` of `backendName` by `make(stock)`. Does nothing when the backend's kernels are
 * not loaded or when the kernel is ours already.
 */
export function overrideKernel(
  kernelName: string,
  backendName: string,
  make: (stock: tf.KernelFunc) => tf.KernelFunc,
): void {
  const stock = tf.getKernel(kernelName, backendName)
  if (!stock || ours.has(stock.kernelFunc)) return
  const kernelFunc = make(stock.kernelFunc)
  ours.add(kernelFunc)
  tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({ ...stock, kernelFunc })
}
