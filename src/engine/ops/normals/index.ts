import { webGpuKernel } from '../../tf/kernels'
import type { Op } from '../op'
import { NORMALS } from './normals'
import { wasm } from './wasm'
import { normals as drawn, type NormalsInputs } from './webgpu'

const webgpu = {
  [NORMALS]: webGpuKernel((backend, inputs: NormalsInputs, { size }: { size: number }) =>
    drawn(backend, inputs, size),
  ),
}

export const normals: Op = { backends: { webgpu, wasm } }
