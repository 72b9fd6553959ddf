import type * as tf from '../../tf'
import { webGpuKernel } from '../../tf/kernels'
import type { Op } from '../op'
import { wasmKernel } from '../shared/onWasm'
import { FLAT, type FlatProgram } from './flat'
import { runFlatProgram as runOnWasm } from './wasm'
import { runFlatProgram } from './webgpu'

const webgpu = {
  [FLAT]: webGpuKernel(
    (
      backend,
      inputs: Record<string, tf.TensorInfo>,
      { program, constant }: { program: FlatProgram; constant: number },
    ) => runFlatProgram(backend, program, inputs, constant),
  ),
}

const wasm = {
  [FLAT]: wasmKernel(
    (
      backend,
      inputs: Record<string, tf.TensorInfo>,
      { program, constant }: { program: FlatProgram; constant: number },
    ) => runOnWasm(backend, program, inputs, constant),
  ),
}

export const flat: Op = { backends: { webgpu, wasm } }
