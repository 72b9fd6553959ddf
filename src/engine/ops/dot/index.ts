import type * as tf from '../../tf'
import { webGpuKernel } from '../../tf/kernels'
import type { Op } from '../op'
import { DOT } from './dot'
import { wasm } from './wasm'
import { dotProduct } from './webgpu'

const webgpu = {
  [DOT]: webGpuKernel((backend, { a, b }: { a: tf.TensorInfo; b: tf.TensorInfo }) =>
    dotProduct(backend, a, b),
  ),
}

export const dot: Op = { backends: { webgpu, wasm } }
