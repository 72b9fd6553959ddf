/** Recorded commands, once more into an encoder: dispatches that follow one another share a pass. */
import type { EncoderLike } from '../tf/backendParts'
import type { Command } from './recorder'

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
