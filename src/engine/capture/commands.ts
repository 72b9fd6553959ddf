/** Commands that a recording keeps, and how they are encoded again. */
import type { EncoderLike } from '../tf/backendParts'

export interface Dispatch {
  kind: 'dispatch'
  /** tfjs' key of the program, and the shape it writes. */
  label: string
  outShape: readonly number[]
  pipeline: GPUComputePipeline
  bindGroup: GPUBindGroup
  workgroups: readonly [number, number, number]
}

export interface Copy {
  kind: 'copy'
  from: GPUBuffer
  fromOffset: number
  to: GPUBuffer
  toOffset: number
  size: number
}

export type Command = Dispatch | Copy

/** Once more into an encoder: dispatches that follow one another share a pass. */
export function encodeCommands(encoder: EncoderLike, commands: readonly Command[]): void {
  let pass: ReturnType<EncoderLike['beginComputePass']> | undefined
  let pipeline: GPUComputePipeline | undefined
  for (const command of commands) {
    if (command.kind === 'copy') {
      pass?.end()
      pass = undefined
      const { from, fromOffset, to, toOffset, size } = command
      encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, size)
      continue
    }
    if (!pass) {
      pass = encoder.beginComputePass()
      pipeline = undefined
    }
    if (command.pipeline !== pipeline) pass.setPipeline(command.pipeline)
    pipeline = command.pipeline
    pass.setBindGroup(0, command.bindGroup)
    pass.dispatchWorkgroups(...command.workgroups)
  }
  pass?.end()
}
