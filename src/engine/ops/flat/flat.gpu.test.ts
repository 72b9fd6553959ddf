/** The two forms of flat programs on the device: compiled, whole and in ranges, and by tfjs ops. */
import { onWebGpu } from '../../gpu.testing'
import type { Backend } from '../shared/program'
import { flatTests } from './flat.testing'
import { runFlatProgram } from './webgpu'

onWebGpu()
flatTests((turn, random) => {
  const atOnce = turn % 3 === 0 ? 64 * (1 + random.int(3)) : undefined
  return (backend: Backend, program, inputs, constant) =>
    runFlatProgram(backend, program, inputs, constant, atOnce)
})
