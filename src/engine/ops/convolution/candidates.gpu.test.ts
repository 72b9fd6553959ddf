/** Every kernel that may be chosen for a convolution's three products, at the same random shapes, against double loops. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWebGpu } from '../../gpu.testing'
import * as tf from '../../tf'
import type { Candidate } from '../../tuning/operation'
import {
  type ConvCase,
  convCases,
  expectedProducts,
  relativeError,
  rowCases,
  shapeOf,
} from '../shared/convolution.testing'
import type { ConvCall } from '../shared/convShape'
import { CONVOLUTIONS } from './webgpu'
import { takesRows } from './wgsl/rowConv'

onWebGpu()

const PRODUCTS = ['y', 'dx', 'dw'] as const
const TENSORS = { y: ['x', 'w'], dx: ['dy', 'w'], dw: ['x', 'dy'] } as const
const OUT_SHAPES = { y: 'y', dx: 'x', dw: 'w' } as const

interface Known {
  c: ConvCase
  expected: ReturnType<typeof expectedProducts>
}

let cases: Known[]
/** Those that kernels of rows take. */
let rows: Known[]
let before: number

beforeAll(() => {
  const known = (c: ConvCase): Known => ({ c, expected: expectedProducts(c) })
  cases = convCases(200, randomStream(21, 'init')).map(known)
  rows = rowCases(200, randomStream(22, 'init')).map(known)
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

for (const [i, product] of PRODUCTS.entries()) {
  for (const candidate of CONVOLUTIONS[i].candidates) {
    // The stock kernels are tfjs' to test.
    if (candidate.name === 'tfjs') continue
    it(`${CONVOLUTIONS[i].name} by ${candidate.name}`, () => check(product, candidate))
  }
}

async function check(product: (typeof PRODUCTS)[number], candidate: Candidate<ConvCall>): Promise<void> {
  let checked = 0
  const wanted = candidate.name.startsWith('rows') ? rows.filter(({ c }) => takesRows(shapeOf(c))) : cases
  for (let first = 0; first < wanted.length; first += 50) {
    const some = wanted.slice(first, first + 50)
    const results = some.map(({ c }) => {
      const shapes = { x: c.x, w: c.w, dy: c.y }
      const [a, b] = TENSORS[product].map((name) => tf.tensor(c.values[name], shapes[name]))
      const call = {
        tensors: [a, b] as [tf.Tensor, tf.Tensor],
        shape: shapeOf(c),
        outShape: c[OUT_SHAPES[product]],
      }
      const info = candidate.run({ args: { backend: tf.backend() } as never, call, stock: () => [] })
      tf.dispose([a, b])
      return tf.engine().makeTensorFromTensorInfo(info)
    })
    const values = await Promise.all(results.map((tensor) => tensor.data()))
    tf.dispose(results)
    for (const [n, { c, expected }] of some.entries()) {
      expect(results[n].shape, c.name).toEqual(c[OUT_SHAPES[product]])
      expect(relativeError(values[n], expected[product]), c.name).toBeLessThan(2e-6)
      checked++
    }
  }
  expect(checked).toBe(200)
}
