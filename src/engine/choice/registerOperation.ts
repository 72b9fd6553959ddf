/** Operations in the place of tfjs' kernels. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { overrideKernel } from '../kernels/override'
import { choicesOf } from './choices'
import { factsOf, type Operation } from './operation'

/** Puts the operation in the place of tfjs' WebGPU kernel of its name; nothing happens when that is not loaded. */
export function registerOperation<C>(operation: Operation<C>): void {
  overrideKernel(operation.name, 'webgpu', (stock) => (args) => {
    const call = operation.read(args)
    if (!call) return stock(args)
    const { device } = args.backend as WebGPUBackend
    const request = { args, call, stock }
    return choicesOf(device).pick(operation, request, factsOf(device)).run(request)
  })
}
