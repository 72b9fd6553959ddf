/** Single kernels by tfjs' own names, so that stock and Basin answer the same call. */
import type * as tfjs from '@tensorflow/tfjs-core'

export interface ConvCase {
  /** [batch, height, width, channels] */
  input: [number, number, number, number]
  /** [height, width, in, out] */
  filter: [number, number, number, number]
  stride: number
}

export const KERNELS = ['forward', 'input_gradient', 'filter_gradient'] as const
export type KernelName = (typeof KERNELS)[number]

/** Two operations a multiply-add; the same for all three. */
export function flopsOf({ input, filter, stride }: ConvCase): number {
  const [batch, height, width] = input
  const pixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride)
  return 2 * pixels * filter.reduce((a, b) => a * b, 1)
}

/**
 * @param tf the contestant's own library
 * @param settle resolves when everything queued is done
 */
export function kernelCalls(tf: typeof tfjs, settle: () => Promise<unknown>) {
  return {
    /** Repeats one kernel for at least `minMs`. @returns calls and ms */
    async kernel(kernel: KernelName, shape: ConvCase, minMs: number): Promise<{ steps: number; ms: number }> {
      const { call, dispose } = prepare(tf, kernel, shape)
      try {
        return await repeatedly(call, settle, minMs)
      } finally {
        dispose()
      }
    },
  }
}

/** Repeats a call for at least `minMs`. @returns calls and ms */
export async function repeatedly(
  call: () => tfjs.Tensor,
  settle: () => Promise<unknown>,
  minMs: number,
): Promise<{ steps: number; ms: number }> {
  // The first call may compile and choose.
  call().dispose()
  await settle()
  const started = performance.now()
  let steps = 0
  for (let n = 1; performance.now() - started < minMs; n = Math.min(2 * n, 64)) {
    for (let i = 0; i < n; i++) call().dispose()
    await settle()
    steps += n
  }
  return { steps, ms: performance.now() - started }
}

function prepare(tf: typeof tfjs, kernel: KernelName, { input, filter, stride }: ConvCase) {
  const [batch, height, width] = input
  const output = [batch, Math.ceil(height / stride), Math.ceil(width / stride), filter[3]]
  const x = tf.fill(input, 0.5)
  const w = tf.fill(filter, 0.25)
  const dy = tf.fill(output, 0.125)
  const attrs = { strides: stride, pad: 'same', dataFormat: 'NHWC' }
  const run = (name: string, inputs: object, more: object) =>
    tf
      .engine()
      .runKernel(
        name,
        inputs as tfjs.NamedTensorMap,
        { ...attrs, ...more } as tfjs.NamedAttrMap,
      ) as tfjs.Tensor
  const calls: Record<KernelName, () => tfjs.Tensor> = {
    forward: () => run(tf.Conv2D, { x, filter: w }, { dilations: 1 }),
    input_gradient: () => run(tf.Conv2DBackpropInput, { dy, filter: w }, { inputShape: input }),
    filter_gradient: () => run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: filter }),
  }
  return { call: calls[kernel], dispose: () => tf.dispose([x, w, dy]) }
}
