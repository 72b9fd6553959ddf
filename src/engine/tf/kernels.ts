/**
 * When an op takes its fused kernel: the backend has one, and nobody will differentiate its gradient. Fused gradients
 * cannot be differentiated again; a nested gradient therefore gets the composition of ops that can.
 */
import * as tf from './index'

/** True where the running backend has this kernel of ours and at most one gradient is being taken. */
export function canFuse(kernelName: string, ...tensors: tf.Tensor[]): boolean {
  if (tf.engine().state.gradientDepth > 1) return false
  if (tensors.some(({ dtype, size }) => dtype !== 'float32' || size === 0)) return false
  return tf.getKernel(kernelName, tf.getBackend()) !== undefined && tensors.every(isFloatInMemory)
}

/** tfjs casts int32 to float32 by calling it so; the buffer still holds integers, which our kernels would misread. */
function isFloatInMemory({ dataId }: tf.Tensor): boolean {
  const { tensorMap } = tf.backend() as unknown as { tensorMap?: { get(id: object): { dtype: tf.DataType } } }
  return tensorMap === undefined || tensorMap.get(dataId).dtype === 'float32'
}

/** Runs a kernel of ours. */
export function runFused(
  kernelName: string,
  inputs: Record<string, tf.Tensor>,
  attrs: object = {},
): tf.Tensor[] {
  const outputs = tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap)
  return Array.isArray(outputs) ? outputs : [outputs as tf.Tensor]
}

/** The WebGPU side of a kernel of ours: registered once, and only while the backend is loaded. */
export function registerFused(
  kernelName: string,
  kernel: (
    inputs: Record<string, tf.TensorInfo>,
    attrs: never,
    backend: never,
  ) => tf.TensorInfo | tf.TensorInfo[],
): void {
  if (!tf.findBackendFactory('webgpu') || tf.getKernel(kernelName, 'webgpu')) return
  tf.registerKernel({
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel(inputs as Record<string, tf.TensorInfo>, attrs as never, backend as never),
  })
}
