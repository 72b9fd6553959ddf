/** Max pooling's gradient in plain JavaScript against tfjs' own. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { registerOp } from '../op'
import { normals, relativeError } from '../shared/convolution.testing'
import { pooling } from '.'

let stock: tf.KernelFunc

beforeAll(async () => {
  await tf.setBackend('cpu')
  stock = tf.getKernel(tf.MaxPoolGrad, 'cpu').kernelFunc
  registerOp(pooling)
})

it('max pooling’s gradient is tfjs’ own, ties included', async () => {
  const random = randomStream(4, 'init')
  for (let i = 0; i < 60; i++) {
    const size = 1 + random.int(3)
    const stride = 1 + random.int(3)
    const pad = random.int(2) ? 'same' : 'valid'
    const shape: [number, number, number, number] = [
      1 + random.int(3),
      size + random.int(8),
      size + random.int(8),
      1 + random.int(5),
    ]
    // A few levels only: many windows have several maxima.
    const input = tf.tensor4d(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.int(4)),
      shape,
    )
    const output = tf.maxPool(input, size, stride, pad)
    const dy = tf.tensor(normals(random, output.size), output.shape)
    const attrs = { filterSize: size, strides: stride, pad, dimRoundingMode: undefined }
    const inputs = { dy, input, output }
    const got = tf.engine().runKernel(tf.MaxPoolGrad, inputs, attrs as never) as tf.Tensor
    const backend = tf.backend()
    const expected = stock({ inputs, attrs: attrs as never, backend }) as tf.TensorInfo
    const values = (backend as unknown as { readSync(id: object): Float32Array }).readSync(expected.dataId)
    expect(relativeError(await got.data(), values), `${shape} ${size} ${stride} ${pad}`).toBeLessThan(3e-7)
  }
})
