/** Cross-entropy, errors and an evaluation's sums in WebAssembly. */
import type * as tf from '../../tf'
import type { Inputs, Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { wasmKernel } from '../shared/onWasm'
import { CROSS_ENTROPY, ERRORS, EVALUATION_SUMS } from './crossEntropy'

export const wasm: Kernels = {
  [CROSS_ENTROPY]: wasmKernel((backend, { logits, targets }: Inputs<'logits' | 'targets'>) => {
    const [rows, classes] = logits.shape
    const [losses, residual] = [backend.output([rows]), backend.output([rows, classes])]
    const inputs = [backend.addressOf(logits), backend.addressOf(targets)]
    const params = [...inputs, losses.address, residual.address, rows, classes]
    backend.machine.run('crossEntropy', params, rows, 20 * rows * classes)
    return [losses.info, residual.info]
  }),
  [ERRORS]: wasmKernel((backend, { logits, labels }: Inputs<'logits' | 'labels'>) => {
    const [rows, classes] = logits.shape
    const { info, address } = backend.output([rows])
    const params = [backend.addressOf(logits), backend.addressOf(labels), address, classes]
    backend.machine.run('errors', params, rows, 2 * rows * classes)
    return info
  }),
  [EVALUATION_SUMS]: wasmKernel(
    (
      backend,
      { logits, labels, mask }: Inputs<'logits' | 'labels'> & { mask?: tf.TensorInfo },
      { smoothing }: { smoothing: number },
    ) => {
      const [rows, classes] = logits.shape
      const { info, address } = backend.output([2])
      const inputs = [logits, labels].map((tensor) => backend.addressOf(tensor))
      const maskAt = mask ? backend.addressOf(mask) : 0
      const params = [...inputs, maskAt, address, rows, classes, bits(smoothing)]
      backend.machine.run('evaluationSums', params, 1, 0)
      return info
    },
  ),
}
