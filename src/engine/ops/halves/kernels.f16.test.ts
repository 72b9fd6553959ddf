/**
 * Every kernel that reads halves, at random shapes, against double loops: tightly on the operands as they are rounded
 * (what is left is the order of a 32-bit sum), and with f16's own tolerance on the operands as they were.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { driverWithHalves, onF16, provideDriver, roundToHalf } from '../../f16.testing'
import * as tf from '../../tf'
import type { Candidate } from '../../tuning/operation'
import { type BatchNormSettings, batchNormAct } from '../batchNorm/batchNorm'

import { HALF_CONVOLUTIONS } from '../convolution/webgpu'
import { denseAct } from '../dense/dense'
import {
  type ConvCase,
  convCases,
  expectedProducts,
  normals,
  type Products,
  relativeError,
  rowCases,
  shapeOf,
} from '../shared/convolution.testing'
import type { ConvCall } from '../shared/convShape'
import { gradientScale, inHalves } from './halves'

/** Of the operands as rounded, as for 32-bit kernels. */
const SUMMED = 2e-6
/**
 * Of the operands as they were: each is off by at most 2⁻¹¹ of itself, a product by 2⁻¹⁰, and a sum by that much of
 * the sum of its terms' sizes, which with terms of both signs is some times the largest result.
 */
const ROUNDED = 2 ** -9

/** Of batch norm: the variance as E[x²] − E[x]² in 32 bits loses a digit. */
const NORMALISED = 2e-5

const PRODUCTS = ['y', 'dx', 'dw'] as const
const TENSORS = { y: ['x', 'w'], dx: ['dy', 'w'], dw: ['x', 'dy'] } as const
const OUT_SHAPES = { y: 'y', dx: 'x', dw: 'w' } as const

interface Tested {
  c: ConvCase
  /** Of the operands as they were, and as they are rounded. */
  exact: Products<Float64Array>
  rounded: Products<Float64Array>
}

const withRounded = (c: ConvCase): Tested => {
  const scale = gradientScale(shapeOf(c))
  const { x, w, dy } = c.values
  const values = {
    x: x.map(roundToHalf),
    w: w.map(roundToHalf),
    dy: dy.map((value) => roundToHalf(value * scale) / scale),
  }
  return { c, exact: expectedProducts(c), rounded: expectedProducts({ ...c, values }) }
}

const driver = await driverWithHalves()

describe.skipIf(!driver)('on a device with shader-f16', () => {
  onF16(() => provideDriver(driver!))

  let any: Tested[]
  let rows: Tested[]
  beforeAll(() => {
    any = convCases(200, randomStream(21, 'init')).map(withRounded)
    rows = rowCases(200, randomStream(22, 'init')).map(withRounded)
  })
  afterAll(() => {
    any = []
    rows = []
  })

  for (const [i, product] of PRODUCTS.entries()) {
    for (const candidate of HALF_CONVOLUTIONS[i].candidates) {
      it(`${HALF_CONVOLUTIONS[i].name} by ${candidate.name}`, async () => {
        const cases = candidate.name.startsWith('rows') ? rows : any
        const results = cases.map(({ c }) => run(candidate, product, c))
        const values = await Promise.all(results.map((tensor) => tensor.data()))
        for (const [n, { c, exact, rounded }] of cases.entries()) {
          expect(results[n].shape, c.name).toEqual(c[OUT_SHAPES[product]])
          expect(relativeError(values[n], rounded[product]), c.name).toBeLessThan(SUMMED)
          expect(relativeError(values[n], exact[product]), c.name).toBeLessThan(ROUNDED)
        }
        tf.dispose(results)
      })
    }
  }

  function run(candidate: Candidate<ConvCall>, product: (typeof PRODUCTS)[number], c: ConvCase): tf.Tensor {
    const scales = { x: 1, w: 1, dy: gradientScale(shapeOf(c)) }
    const operands = TENSORS[product].map((name) =>
      tf.tidy(() => inHalves(tf.tensor(c.values[name]), scales[name])),
    ) as [tf.Tensor, tf.Tensor]
    const call: ConvCall = { tensors: operands, shape: shapeOf(c), outShape: c[OUT_SHAPES[product]] }
    const info = candidate.run({ args: { backend: tf.backend() } as never, call, stock: () => [] })
    tf.dispose(operands)
    return tf.engine().makeTensorFromTensorInfo(info)
  }

  it('dense layers and their gradients', async () => {
    const random = randomStream(23, 'init')
    const computed = Array.from({ length: 200 }, () => {
      const sizes = [1 + random.int(20), 1 + random.int(40), 1 + random.int(20)] as const
      const c = denseCase(sizes, random)
      return { c, sizes, bias: normals(random, sizes[2]), got: {} as ReturnType<typeof denseProducts> }
    })
    for (const one of computed) one.got = denseProducts(one.c, one.sizes, one.bias)
    for (const { c, sizes, bias, got } of computed) {
      const { exact, rounded } = withRounded(c)
      const columns = sizes[2]
      for (const { y } of [exact, rounded]) for (const at of y.keys()) y[at] += bias[at % columns]
      for (const product of PRODUCTS) {
        const values = await got[product].data()
        const name = `${product} [${sizes}]`
        expect(relativeError(values, rounded[product]), name).toBeLessThan(SUMMED)
        expect(relativeError(values, exact[product]), name).toBeLessThan(ROUNDED)
      }
      const y = await got.y.data()
      expect(await got.relu.data()).toEqual(Float32Array.from(y, (value) => Math.max(0, value)))
      const db = new Float64Array(columns)
      for (const [at, value] of c.values.dy.entries()) db[at % columns] += value
      expect(relativeError(await got.db.data(), db)).toBeLessThan(SUMMED)
      tf.dispose(got)
    }
  })

  it('batch norm’s gradients from its input in halves', async () => {
    const random = randomStream(24, 'init')
    const pick = <T>(...from: T[]): T => from[random.int(from.length)]
    const computed = Array.from({ length: 200 }, () => {
      const [rows, channels] = [8 + random.int(100), pick(1, 3, 4, 8, 10, 16)]
      const settings = { epsilon: 1e-3, activation: pick('none', 'relu', 'swish') } as const
      const size = rows * channels
      const values = {
        x: normals(random, size).map((value) => 3 * value + 1),
        dy: normals(random, size),
        gamma: normals(random, channels),
        beta: normals(random, channels),
      }
      const got = tf.tidy(() => {
        const [x, dy] = [tf.tensor2d(values.x, [rows, channels]), tf.tensor2d(values.dy, [rows, channels])]
        const op = (...args: tf.Tensor[]) =>
          batchNormAct(args[0], args[1] as tf.Tensor1D, args[2] as tf.Tensor1D, settings).y
        return tf.grads(op)([x, tf.tensor1d(values.gamma), tf.tensor1d(values.beta)], dy)
      })
      return { rows, channels, settings, values, got }
    })
    for (const { rows, channels, settings, values, got } of computed) {
      const expected = batchNormGradients(values, rows, channels, settings)
      for (const [i, tensor] of got.entries()) {
        const name = `${i}: [${rows}, ${channels}] ${settings.activation}`
        expect(relativeError(await tensor.data(), expected[i]), name).toBeLessThan(NORMALISED)
      }
      tf.dispose(got)
    }
  })

  it('values become the nearest half, those beyond its range infinite, others stay what they are', async () => {
    const special = [
      0,
      -0,
      1,
      65_504,
      65_519.9,
      65_520,
      -65_520,
      1e30,
      -1e30,
      6e-8,
      2 ** -24,
      2 ** -25,
      3.1e-8,
    ]
    const odd = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    for (const size of [1, 2, 3, 8, 16, 1000, 1001]) {
      const random = randomStream(size, 'init')
      const values = Float32Array.from({ length: size }, (_, i) =>
        i < special.length + odd.length
          ? [...special, ...odd][i]
          : random.normal() * 10 ** (random.int(12) - 6),
      )
      const halves = tf.tidy(() => inHalves(tf.tensor1d(values)))
      const bits = new Uint16Array(((await halves.data()) as Int32Array).buffer)
      halves.dispose()
      for (const [i, value] of values.entries())
        expect(halfValue(bits[i]), `${value}`).toBe(roundToHalf(value))
    }
  })
})

function denseProducts(
  { values }: ConvCase,
  [n, depth, columns]: readonly [number, number, number],
  biasValues: Float32Array,
) {
  return tf.tidy(() => {
    const [x, w, dy] = [
      tf.tensor2d(values.x, [n, depth]),
      tf.tensor2d(values.w, [depth, columns]),
      tf.tensor2d(values.dy, [n, columns]),
    ]
    const bias = tf.tensor1d(biasValues)
    const op = (...args: tf.Tensor[]) =>
      denseAct(args[0] as tf.Tensor2D, args[1] as tf.Tensor2D, args[2] as tf.Tensor1D, 'none')
    const [dx, dw, db] = tf.grads(op)([x, w, bias], dy)
    return { y: op(x, w, bias), dx, dw, db, relu: denseAct(x, w, bias, 'relu') as tf.Tensor }
  })
}

/** ∂⟨dy, y⟩ by x, γ and β: statistics of x as it is, everything else of x as it is rounded. */
function batchNormGradients(
  { x, dy, gamma, beta }: Record<'x' | 'dy' | 'gamma' | 'beta', Float32Array>,
  rows: number,
  channels: number,
  { epsilon, activation }: BatchNormSettings,
): Float64Array[] {
  const [dx, dGamma, dBeta] = [rows * channels, channels, channels].map((size) => new Float64Array(size))
  for (let c = 0; c < channels; c++) {
    const at = Array.from({ length: rows }, (_, row) => row * channels + c)
    const mean = at.reduce((sum, i) => sum + x[i], 0) / rows
    const variance = at.reduce((sum, i) => sum + (x[i] - mean) ** 2, 0) / rows
    const root = 1 / Math.sqrt(variance + epsilon)
    const centred = at.map((i) => roundToHalf(x[i]) - mean)
    const dz = at.map((i, row) => {
      const z = gamma[c] * root * centred[row] + beta[c]
      const s = 1 / (1 + Math.exp(-z))
      const slope = { none: 1, relu: z > 0 ? 1 : 0, swish: s * (1 + z * (1 - s)) }[activation]
      return dy[i] * slope
    })
    dBeta[c] = dz.reduce((a, b) => a + b, 0)
    const product = dz.reduce((sum, value, row) => sum + value * centred[row], 0)
    dGamma[c] = product * root
    for (const [row, i] of at.entries()) {
      dx[i] = gamma[c] * root * (dz[row] - dBeta[c] / rows - (centred[row] * product * root ** 2) / rows)
    }
  }
  return [dx, dGamma, dBeta]
}

/** A dense layer as a convolution of one-pixel images. */
function denseCase(
  [n, depth, columns]: readonly [number, number, number],
  random: Parameters<typeof normals>[0],
): ConvCase {
  return {
    name: 'dense',
    x: [n, 1, 1, depth],
    w: [1, 1, depth, columns],
    y: [n, 1, 1, columns],
    strides: [1, 1],
    pad: 'valid',
    before: [0, 0],
    values: {
      x: normals(random, n * depth),
      w: normals(random, depth * columns),
      dy: normals(random, n * columns),
    },
  }
}

/** IEEE 754 binary16. */
function halfValue(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}
