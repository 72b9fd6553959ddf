import type * as tf from '../../tf'
import { webGpuKernel } from '../../tf/kernels'
import type { Op } from '../op'
import { NORMALS } from './normals'
import { wasm } from './wasm'
import { normals as drawn } from './webgpu'

const webgpu = {
  [NORMALS]: webGpuKernel(
    (backend, key: { high: tf.TensorInfo; low: tf.TensorInfo }, { size }: { size: number }) =>
      drawn(backend, key, size),
  ),
}

export const normals: Op = { backends: { webgpu, wasm } }
