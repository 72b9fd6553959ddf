/** Operations in the place of tfjs' kernels. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { BasinError } from '../../base/errors'
import type * as tf from '../tf'
import { registerFused } from '../tf/kernels'
import { overrideKernel } from '../tf/override'
import { choicesOf } from './choices'
import { factsOf, type Operation, type Request } from './operation'

/** Puts the operation in the place of tfjs' WebGPU kernel of its name; nothing happens when that is not loaded. */
export function registerOperation<C>(operation: Operation<C>): void {
  overrideKernel(operation.name, 'webgpu', (stock) => (args) => {
    const call = operation.read(args)
    if (!call) return stock(args)
    return runChosen(operation, { args, call, stock })
  })
}

/** Registers an operation that tfjs has no kernel for; it reads every call. */
export function registerOwnOperation<C>(operation: Operation<C>): void {
  registerFused(operation.name, (inputs, attrs: tf.NamedAttrMap, backend: WebGPUBackend) => {
    const args = { inputs: inputs as tf.NamedTensorInfoMap, attrs, backend }
    return runChosen(operation, { args, call: operation.read(args)!, stock: noStock })
  })
}

function runChosen<C>(operation: Operation<C>, request: Request<C>): tf.TensorInfo {
  const { device } = request.args.backend as WebGPUBackend
  return choicesOf(device).pick(operation, request, factsOf(device)).run(request)
}

const noStock: tf.KernelFunc = () => {
  throw new BasinError('internal', 'kernels: tfjs has none of this name')
}
