/**
 * The training kernels we have in place of tfjs' own. tfjs' gradients call them by name, so that nothing above
 * knows of them.
 */
import { registerCpuKernels } from './registerCpu'
import { registerWebGpuKernels } from './registerWebGpu'
import { registerWebGpuOps } from './registerWebGpuOps'

/** Registers our kernels for every backend that is loaded; may be called again after another one is loaded. */
export function registerKernels(): void {
  registerCpuKernels()
  registerWebGpuKernels()
  registerWebGpuOps()
}
