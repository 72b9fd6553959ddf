/** The convolutions of peers/kernelCalls.ts on operands in halves, made beforehand: in a step one serves two kernels. */

import { forwardCall } from '../../src/engine/ops/convolution/calls'
import { HALF_CONV, type HalfConvAttrs } from '../../src/engine/ops/convolution/convolve'
import { gradientScale, inHalves } from '../../src/engine/ops/halves/halves'
import { webGpuBackend } from '../../src/engine/profile/profile'
import * as tf from '../../src/engine/tf'
import { submitAll } from '../../src/engine/tf/backendParts'
import { type KernelArgs, runFused } from '../../src/engine/tf/kernels'
import { type ConvCase, type KernelName, repeatedly } from '../peers/kernelCalls'

export async function halfKernel(kernel: KernelName, c: ConvCase, minMs: number) {
  const { shape, outShape, operands } = prepared(c)
  const [name, a, b, out] = {
    forward: [HALF_CONV.forward, operands.x, operands.w, outShape] as const,
    input_gradient: [HALF_CONV.inputGradient, operands.dy, operands.w, c.input] as const,
    filter_gradient: [HALF_CONV.filterGradient, operands.x, operands.dy, c.filter] as const,
  }[kernel]
  const attrs: HalfConvAttrs = { shape, outShape: [...out] }
  try {
    return await repeatedly(() => runFused(name, { a, b }, attrs)[0], settle, minMs)
  } finally {
    tf.dispose(operands)
  }
}

function settle() {
  const backend = webGpuBackend()
  submitAll(backend)
  return backend.device.queue.onSubmittedWorkDone()
}

function prepared({ input, filter, stride }: ConvCase) {
  const info = (shape: number[]) => ({ shape, dtype: 'float32' })
  const attrs = { strides: stride, pad: 'same', dataFormat: 'NHWC', dilations: 1 }
  const inputs = { x: info(input), filter: info(filter) }
  const { shape, outShape } = forwardCall({ inputs, attrs } as unknown as KernelArgs)!
  const operands = tf.tidy(() => ({
    x: inHalves(tf.fill(input, 0.5)),
    w: inHalves(tf.fill(filter, 0.25)),
    dy: inHalves(tf.fill(outShape, 0.125), gradientScale(shape)),
  }))
  return { shape, outShape, operands }
}
