/** Pooling, its gradients and shortcuts in WebAssembly. */
import * as tf from '../../tf'
import type { Inputs, Kernel, Kernels } from '../../tf/kernels'
import { type ConvShape, convShapeOf } from '../shared/convShape'
import { areFloats, mapWords, onWasm, sizeOf, type WasmBackend, wasmKernel } from '../shared/onWasm'
import { avgPoolGradCall, maxPoolGradCall, maxPoolReadCall, pooledShape } from './calls'
import { MAX_POOL_READ } from './gradients'
import { SHORTCUT, SHORTCUT_GRADIENT, type ShortcutAttrs } from './pooling'

const workOf = (s: ConvShape) =>
  s.batch * s.outHeight * s.outWidth * s.filterHeight * s.filterWidth * s.inChannels

const pool = (isMean: boolean): Kernel =>
  wasmKernel((backend, { x }: Inputs<'x'>, attrs: tf.MaxPoolAttrs) => {
    if (!areFloats(x)) return undefined
    const s = convShapeOf(
      tf.backend_util.computePool2DInfo(
        x.shape as [number, number, number, number],
        attrs.filterSize,
        attrs.strides,
        1,
        attrs.pad,
        attrs.dimRoundingMode,
      ),
    )
    if (s.outHeight < 1 || s.outWidth < 1) return undefined
    const { info, address } = backend.output([s.batch, s.outHeight, s.outWidth, s.inChannels])
    const params = [backend.addressOf(x), 0, address, ...mapWords(s), isMean ? 1 : 0]
    backend.machine.run('pool', params, s.batch * s.outHeight, workOf(s))
    return info
  })

const maxima =
  (isRead: boolean) =>
  (
    backend: WasmBackend,
    {
      tensors: [a, x],
      shape: s,
      outShape,
    }: { tensors: tf.TensorInfo[]; shape: ConvShape; outShape: number[] },
  ): tf.TensorInfo => {
    const { info, address } = backend.output(outShape)
    const params = [backend.addressOf(a), backend.addressOf(x), address, ...mapWords(s), isRead ? 1 : 0]
    backend.machine.run('maxPoolBack', params, s.batch, 3 * workOf(s))
    return info
  }

function meanGradient(backend: WasmBackend, dy: tf.TensorInfo, s: ConvShape): tf.TensorInfo {
  const shape = [s.batch, s.inHeight, s.inWidth, s.inChannels]
  const { info, address } = backend.output(shape)
  const params = [backend.addressOf(dy), 0, address, ...mapWords(s), 0, dy.shape[3]]
  backend.machine.run('meanPoolBack', params, s.batch * s.inHeight, sizeOf(shape) + workOf(s))
  return info
}

export const wasm: Kernels = {
  [tf.MaxPool]: pool(false),
  [tf.AvgPool]: pool(true),
  [tf.AvgPoolGrad]: onWasm(avgPoolGradCall, (backend, { tensors: [dy], shape }) =>
    meanGradient(backend, dy, shape),
  ),
  [tf.MaxPoolGrad]: onWasm(maxPoolGradCall, maxima(false)),
  [MAX_POOL_READ]: onWasm(maxPoolReadCall, maxima(true)),
  [SHORTCUT]: wasmKernel(
    (backend, { x, residual }: Inputs<'x' | 'residual'>, { size, shape }: ShortcutAttrs) => {
      const s = pooledShape(shape, size)
      const { info, address } = backend.output(x.shape)
      const inputs = [backend.addressOf(x), backend.addressOf(residual)]
      const params = [...inputs, address, ...mapWords(s), 0, x.shape[3]]
      backend.machine.run('shortcut', params, s.batch * s.outHeight, sizeOf(x.shape) + workOf(s))
      return info
    },
  ),
  [SHORTCUT_GRADIENT]: wasmKernel((backend, { dy }: Inputs<'dy'>, { size, shape }: ShortcutAttrs) =>
    meanGradient(backend, dy, pooledShape(shape, size)),
  ),
}
