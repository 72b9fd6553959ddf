import * as tf from '../../tf'
import { type Inputs, type Kernels, webGpuKernel } from '../../tf/kernels'
import { onWebGpu } from '../shared/callKernels'
import { addShortcut, averagePoolGradient } from './averagePool'
import { avgPoolGradCall, maxPoolGradCall, maxPoolReadCall, pooledShape } from './calls'
import { MAX_POOL_READ } from './gradients'
import { maxPoolGradient, maxPoolRead } from './maxPool'
import { SHORTCUT, SHORTCUT_GRADIENT, type ShortcutAttrs } from './pooling'

export const webgpu: Kernels = {
  [tf.AvgPoolGrad]: onWebGpu(avgPoolGradCall, (backend, [dy], shape) =>
    averagePoolGradient(backend, dy, shape),
  ),
  [tf.MaxPoolGrad]: onWebGpu(maxPoolGradCall, maxPoolGradient),
  [MAX_POOL_READ]: onWebGpu(maxPoolReadCall, maxPoolRead),
  [SHORTCUT]: webGpuKernel(
    (backend, { x, residual }: Inputs<'x' | 'residual'>, { size, shape }: ShortcutAttrs) =>
      addShortcut(backend, x, residual, pooledShape(shape, size)),
  ),
  [SHORTCUT_GRADIENT]: webGpuKernel((backend, { dy }: Inputs<'dy'>, { size, shape }: ShortcutAttrs) =>
    averagePoolGradient(backend, dy, pooledShape(shape, size)),
  ),
}
