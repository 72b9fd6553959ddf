import type * as tf from '../../tf'
import { webGpuKernel } from '../../tf/kernels'
import type { Op } from '../op'
import { CLIPPED_NORM, FLAT } from './flat'
import { clippedNorm, type FlatName, runFlatProgram } from './webgpu'

const webgpu = {
  [FLAT]: webGpuKernel(
    (
      backend,
      inputs: Record<string, tf.TensorInfo>,
      { name, constant }: { name: FlatName; constant: number },
    ) => runFlatProgram(backend, name, inputs, constant),
  ),
  [CLIPPED_NORM]: webGpuKernel((backend, { v }: { v: tf.TensorInfo }, { limit }: { limit: number }) =>
    clippedNorm(backend, v, limit),
  ),
}

export const flat: Op = { backends: { webgpu } }
