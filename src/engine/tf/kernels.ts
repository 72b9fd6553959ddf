/**
 * Kernels of ours in tfjs' registry: in the place of its own, which stay at hand for calls that ours do not take, or
 * under names that tfjs does not know. Its ops and gradients call them by name, so that nothing above knows of them.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { BasinError } from '../../base/errors'
import * as tf from '.'

export type KernelArgs = Parameters<tf.KernelFunc>[0]

/** Undefined: the stock kernel takes the call. One under a name of ours takes every call. */
export type Kernel = (args: KernelArgs, stock: tf.KernelFunc) => tf.TensorInfo | tf.TensorInfo[] | undefined

/** What an op has for one backend, by the names that tfjs runs kernels by. */
export type Kernels = Readonly<Record<string, Kernel>>

export type BackendName = 'webgpu' | 'wasm' | 'cpu'

/** Ours, and for which backend: WebAssembly is given plain JavaScript's kernels too, ours among them. */
const ours = new WeakMap<tf.KernelFunc, BackendName>()

/** Registers kernels for a backend: each once, and none while the backend is not loaded. */
export function registerKernels(kernels: Kernels, backendName: BackendName): void {
  if (!tf.findBackendFactory(backendName)) return
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const known = tf.getKernel(kernelName, backendName)
    if (known && ours.get(known.kernelFunc) === backendName) continue
    const stock: tf.KernelFunc = known?.kernelFunc ?? (() => missing(kernelName))
    const kernelFunc: tf.KernelFunc = (args) => kernel(args, stock) ?? stock(args)
    ours.set(kernelFunc, backendName)
    if (known) tf.unregisterKernel(kernelName, backendName)
    tf.registerKernel({ ...known, kernelName, backendName, kernelFunc })
  }
}

function missing(kernelName: string): never {
  throw new BasinError('internal', `kernels: tfjs has no ${kernelName} for a call that ours does not take`)
}

/** Of a kernel, by name. */
export type Inputs<Names extends string> = Record<Names, tf.TensorInfo>

/** A kernel of ours for WebGPU as tfjs calls it. */
export function webGpuKernel<Names extends string, Attrs>(
  run: (backend: WebGPUBackend, inputs: Inputs<Names>, attrs: Attrs) => tf.TensorInfo | tf.TensorInfo[],
): Kernel {
  return ({ inputs, attrs, backend }) =>
    run(backend as WebGPUBackend, inputs as Inputs<Names>, attrs as unknown as Attrs)
}

/**
 * True where the running backend has this kernel of ours and nobody will differentiate its gradient. Fused gradients
 * cannot be differentiated again; a nested gradient therefore gets the composition of ops that can.
 */
export function canFuse(kernelName: string, ...tensors: tf.Tensor[]): boolean {
  return tf.engine().state.gradientDepth <= 1 && canRun(kernelName, ...tensors)
}

/** The same for a kernel whose gradient is made of ops that can be differentiated again, however often. */
export function canRun(kernelName: string, ...tensors: tf.Tensor[]): boolean {
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

interface PrivateEngine {
  runKernelFunc(op: {
    inputs: tf.NamedTensorMap
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[]
    backwardsFunc: (dys: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>
  }): tf.Tensor[]
}

/** As tf.customGrad of any results; whose gradients would all be computed, wanted or not: nobody asks for the images'. */
export function differentiable(
  inputs: tf.NamedTensorMap,
  forwardFunc: (save: (tensors: tf.Tensor[]) => void) => tf.Tensor[],
  backwardsFunc: (dys: tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>,
): tf.Tensor[] {
  const engine = tf.engine() as unknown as PrivateEngine
  return engine.runKernelFunc({
    inputs,
    forwardFunc: (_, save) => forwardFunc(save),
    backwardsFunc: (dys, saved) => backwardsFunc([dys].flat(), saved),
  })
}
