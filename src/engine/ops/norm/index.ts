import type * as tf from '../../tf'
import { webGpuKernel } from '../../tf/kernels'
import type { Op } from '../op'
import { CLIPPED_NORM } from './norm'
import { wasm } from './wasm'
import { clippedNorm } from './webgpu'

const webgpu = {
  [CLIPPED_NORM]: webGpuKernel((backend, { v }: { v: tf.TensorInfo }, { limit }: { limit: number }) =>
    clippedNorm(backend, v, limit),
  ),
}

export const norm: Op = { backends: { webgpu, wasm } }
