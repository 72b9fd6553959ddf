/** On the device: whole and in ranges. */
import { onWebGpu } from '../../engine/gpu.testing'
import { runFlatProgram } from '../../engine/ops/flat/webgpu'
import type { Backend } from '../../engine/ops/shared/program'
import { formulaTests } from './formulas.testing'

onWebGpu()
formulaTests((turn, random) => {
  const atOnce = turn % 3 === 0 ? 64 * (1 + random.int(3)) : undefined
  return (backend: Backend, program, inputs, constant) =>
    runFlatProgram(backend, program, inputs, constant, atOnce)
})
