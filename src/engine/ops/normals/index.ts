import { webGpuKernel } from '../../tf/kernels'
import { clippedNorm } from '../norm/webgpu'
import type { Op } from '../op'
import { NORMALS } from './normals'
import { wasm } from './wasm'
import { normals as drawn, type NormalsInputs } from './webgpu'

const webgpu = {
  [NORMALS]: webGpuKernel((backend, inputs: NormalsInputs, { size }: { size: number }) => {
    const z = drawn(backend, inputs, size)
    const [norm, ...unused] = clippedNorm(backend, z, 0)
    for (const { dataId } of unused) backend.disposeData(dataId)
    return [z, norm]
  }),
}

export const normals: Op = { backends: { webgpu, wasm } }
