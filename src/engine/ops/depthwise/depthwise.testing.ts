/** Depthwise kernels against double loops over the definition. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { convCases, normals, relativeError } from '../shared/convolution.testing'

export function depthwiseTests(): void {
  it('depthwise convolutions and their gradients at random shapes', async () => {
    const random = randomStream(17, 'init')
    for (const c of convCases(200, random)) {
      const [channels, filterShape] = [c.x[3], [c.w[0], c.w[1], c.x[3], 1]]
      const size = (shape: number[]) => tf.util.sizeFromShape(shape)
      const outShape = [c.y[0], c.y[1], c.y[2], channels]
      const [w, dy] = [normals(random, size(filterShape)), normals(random, size(outShape))]
      const expected = {
        y: new Float64Array(size(outShape)),
        dx: new Float64Array(size(c.x)),
        dw: new Float64Array(w.length),
      }
      for (let out = 0; out < dy.length; out++) {
        const [channel, pixel] = [out % channels, Math.floor(out / channels)]
        const [n, oy, ox] = [
          Math.floor(pixel / (c.y[1] * c.y[2])),
          Math.floor(pixel / c.y[2]) % c.y[1],
          pixel % c.y[2],
        ]
        for (let tap = 0; tap < c.w[0] * c.w[1]; tap++) {
          const iy = oy * c.strides[0] - c.before[0] + Math.floor(tap / c.w[1])
          const ix = ox * c.strides[1] - c.before[1] + (tap % c.w[1])
          if (iy < 0 || iy >= c.x[1] || ix < 0 || ix >= c.x[2]) continue
          const at = ((n * c.x[1] + iy) * c.x[2] + ix) * channels + channel
          const weight = tap * channels + channel
          expected.y[out] += c.values.x[at] * w[weight]
          expected.dw[weight] += c.values.x[at] * dy[out]
          expected.dx[at] += w[weight] * dy[out]
        }
      }
      const tensors = {
        x: tf.tensor(c.values.x, c.x),
        filter: tf.tensor(w, filterShape),
        dy: tf.tensor(dy, outShape),
      }
      // tfjs' op wants no explicit padding of a strided depthwise convolution from its gradient: kernels are called.
      const attrs = {
        strides: c.strides,
        pad: c.pad,
        dilations: [1, 1],
        dimRoundingMode: null,
        dataFormat: 'NHWC',
      }
      const run = (name: string, names: ('x' | 'filter' | 'dy')[], more: object) =>
        tf.engine().runKernel(name, Object.fromEntries(names.map((key) => [key, tensors[key]])), {
          ...attrs,
          ...more,
        } as never) as tf.Tensor
      const got = {
        y: run(tf.DepthwiseConv2dNative, ['x', 'filter'], {}),
        dx: run(tf.DepthwiseConv2dNativeBackpropInput, ['dy', 'filter'], { inputShape: c.x }),
        dw: run(tf.DepthwiseConv2dNativeBackpropFilter, ['x', 'dy'], { filterShape }),
      }
      for (const product of ['y', 'dx', 'dw'] as const) {
        expect(
          relativeError(await got[product].data(), expected[product]),
          `${product}: ${c.name}`,
        ).toBeLessThan(2e-6)
      }
      tf.dispose([tensors, got])
    }
  })
}
