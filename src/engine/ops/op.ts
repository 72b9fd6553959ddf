/** What the engine knows of an op. */

import type * as tf from '../tf'
import { registerGradients } from '../tf/gradients'
import { type BackendName, type Kernels, registerKernels } from '../tf/kernels'

export interface Op {
  /** By the kernels whose gradients they are: those of our own kernels, and those of gradients. */
  gradients?: readonly tf.GradConfig[]
  /** Its kernels on each backend that has some; on the others it is a composition of tfjs' ops. */
  backends: Partial<Record<BackendName, Kernels>>
}

/** May be called again after another backend is loaded. */
export function registerOp({ gradients = [], backends }: Op): void {
  registerGradients(gradients)
  for (const [name, kernels] of Object.entries(backends)) registerKernels(kernels, name as BackendName)
}
