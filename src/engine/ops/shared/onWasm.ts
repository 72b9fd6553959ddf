/** Kernels of ours on the WebAssembly backend, as tfjs calls them. */
import type * as tf from '../../tf'
import type { Kernel } from '../../tf/kernels'
import type { WasmBackend } from '../../wasm/wasmBackend'
import type { ConvCall, ConvShape } from './convShape'

export type { WasmBackend }

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Undefined: tfjs' plain kernel takes the call. */
export function wasmKernel<Names extends string, Attrs>(
  run: (
    backend: WasmBackend,
    inputs: Record<Names, tf.TensorInfo>,
    attrs: Attrs,
  ) => tf.TensorInfo | tf.TensorInfo[] | undefined,
): Kernel {
  return ({ inputs, attrs, backend }) =>
    run(backend as WasmBackend, inputs as Record<Names, tf.TensorInfo>, attrs as unknown as Attrs)
}

/** True for tensors of floats that are not empty. */
export const areFloats = (...tensors: tf.TensorInfo[]): boolean =>
  tensors.every(({ dtype, shape }) => dtype === 'float32' && !shape.includes(0))

/** As `onCpu`: one of a convolution's products, or what moves over an image like one. */
export const onWasm =
  (
    read: (args: Parameters<Kernel>[0]) => ConvCall | undefined,
    kernel: (backend: WasmBackend, call: ConvCall) => tf.TensorInfo,
  ): Kernel =>
  (args) => {
    const call = read(args)
    return call && kernel(args.backend as WasmBackend, call)
  }

/** Sizes of maps and windows as depthwise and pooling kernels read them. */
export const mapWords = (s: ConvShape): number[] => [
  s.batch,
  s.inHeight,
  s.inWidth,
  s.inChannels,
  s.outHeight,
  s.outWidth,
  s.filterHeight,
  s.filterWidth,
  s.strideHeight,
  s.strideWidth,
  s.padTop,
  s.padLeft,
]
