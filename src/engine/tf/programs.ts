/** Every program that tfjs' WebGPU backend runs, its own and ours, seen before and after. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import type * as tf from '.'

/** A program of tfjs; ours may say their work. */
export type Program = Parameters<WebGPUBackend['runWebGPUProgram']>[0] & { flops?: number }

export interface ProgramWatch {
  /** May refuse it by throwing. */
  before(program: Program, inputs: readonly tf.TensorInfo[]): void
  /** @param name the program's key; the backend appends shapes and types to it */
  after(program: Program, name: string, inputs: readonly tf.TensorInfo[], output: tf.TensorInfo): void
}

/** From now on; recordings keep it too. */
export function watchPrograms(backend: WebGPUBackend, { before, after }: ProgramWatch): void {
  const run = backend.runWebGPUProgram
  backend.runWebGPUProgram = function watched(program: Program, inputs, ...rest) {
    const name = program.shaderKey
    before(program, inputs)
    const output = run.call(this, program, inputs, ...rest)
    after(program, name, inputs, output)
    return output
  }
}
