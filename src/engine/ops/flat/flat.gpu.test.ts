/** Flat vectors, cutting and joining, and the loss, on the device against double-precision loops. */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../base/random'
import { onWebGpu, taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { fusedErrors, fusedEvaluationSums, fusedMeanCrossEntropy } from '../crossEntropy/crossEntropy'
import { cutVector, joinFirst } from '../pieces/pieces'
import { normals, relativeError } from '../shared/convolution.testing'
import type { Backend } from '../shared/program'
import { clippedNorm, nesterovStep, pointOnSlice, rmspropStep } from './flat'
import { clippedNorm as clippedNormKernel, FLAT_PROGRAMS, type FlatName, runFlatProgram } from './webgpu'

onWebGpu()

type Values = Record<string, number>

/** Every program again, in double precision: what happens to one value. */
const EXPECTED: Record<FlatName, (v: Values, constant: number) => number[]> = {
  addScaled: ({ a, b }, k) => [a + k * b],
  addMasked: ({ a, b, mask }, k) => [a + k * b * mask],
  scale: ({ a }, k) => [k * a],
  blend: ({ a, b }, k) => [k * a + (1 - k) * b],
  average: ({ a, b, d }) => [d * a + (1 - d) * b],
  perturb: ({ a, g, rho, norm }, k) => [a + (rho * g) / Math.max(norm, k)],
  nesterov: ({ theta, momentum, g, rate, factor }, k) => {
    const m = k * momentum + factor * g
    return [theta - rate * (factor * g + k * m), m]
  },
  meanSquare: ({ v, g, factor }, k) => [k * v + (1 - k) * (factor * g) ** 2],
  rmsprop: ({ theta, momentum, v, g, rate, factor }, k) => {
    const m = k * momentum + (factor * g) / Math.sqrt(v + 1e-3)
    return [theta - rate * m, m]
  },
  gate: ({ dy, y }) => [y > 0 ? dy : 0],
  line: ({ a, b, p }) => [a + p * b],
  plane: ({ a, b, c, p, q }) => [a + p * b + q * c],
}

const asTensor = (info: tf.TensorInfo) => tf.engine().makeTensorFromTensorInfo(info)

function inputsOf(random: RandomStream, name: FlatName, size: number) {
  const { vectors, scalars } = FLAT_PROGRAMS[name]
  const values: Record<string, Float32Array> = {}
  for (const vector of vectors) {
    const drawn = normals(random, size)
    values[vector] =
      vector === 'v' ? drawn.map(Math.abs) : vector === 'y' ? drawn.map((x) => Math.max(x, 0)) : drawn
    if (vector === 'mask') values[vector] = drawn.map((x) => (x > 0 ? 1 : 0))
  }
  for (const scalar of scalars) values[scalar] = new Float32Array([0.1 + random.uniform()])
  return values
}

it.each(Object.keys(FLAT_PROGRAMS) as FlatName[])('%s at 200 lengths, whole and in ranges', async (name) => {
  const random = randomStream(51, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const size = 1 + random.int(turn % 10 === 0 ? 3000 : 300)
    const values = inputsOf(random, name, size)
    const constant = 0.9
    const tensors = Object.fromEntries(Object.entries(values).map(([key, v]) => [key, tf.tensor1d(v)]))
    const atOnce = turn % 3 === 0 ? 64 * (1 + random.int(3)) : undefined
    const outputs = runFlatProgram(tf.backend() as Backend, name, tensors, constant, atOnce).map(asTensor)
    const got = await taken(outputs)
    const expected = got.map(() => new Float64Array(size))
    for (let i = 0; i < size; i++) {
      const at = Object.fromEntries(
        Object.entries(values).map(([key, v]) => [key, v.length === 1 && size > 1 ? v[0] : v[i % v.length]]),
      )
      EXPECTED[name](at, constant).forEach((value, k) => {
        expected[k][i] = value
      })
    }
    got.forEach((values, k) => {
      expect(relativeError(values, expected[k]), `${size} values, output ${k}`).toBeLessThan(1e-5)
    })
    tf.dispose(Object.values(tensors))
  }
})

it('norms and what clipping makes of them', async () => {
  const random = randomStream(52, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const values = normals(random, 1 + random.int(5000))
    const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
    const limit = [0, 1, norm * 2, norm / 3][turn % 4]
    const v = tf.tensor1d(values)
    const atOnce = turn % 3 === 0 ? 640 : undefined
    const outputs = clippedNormKernel(tf.backend() as Backend, v, limit, atOnce).map(asTensor)
    const [gotNorm, factor, clipped] = (await taken(outputs)).map((x) => x[0])
    const scale = limit > 0 ? Math.min(1, limit / norm) : 1
    expect(gotNorm / norm).toBeCloseTo(1, 5)
    expect(factor / scale).toBeCloseTo(1, 5)
    expect(clipped / (norm * scale)).toBeCloseTo(1, 5)
    if (scale === 1) expect(factor).toBe(1)
    v.dispose()
  }
  const [, factor] = await taken(Object.values(clippedNorm(tf.tensor1d([Number.NaN, 1]), 1)))
  expect(factor[0]).toBeNaN()
})

it('one vector as many tensors, and back as its gradient', async () => {
  const random = randomStream(53, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const shapes = Array.from({ length: 1 + random.int(30) }, () =>
      Array.from({ length: 1 + random.int(3) }, () => random.int(6) || 1),
    )
    if (turn % 7 === 0) shapes.push([0, 3])
    const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape))
    const total = sizes.reduce((a, b) => a + b, 0)
    const [values, weights] = [normals(random, total), normals(random, total)]
    const vector = tf.tensor1d(values)
    const pieces = cutVector(vector, shapes)
    expect(pieces.map(({ shape }) => shape)).toEqual(shapes)
    const joined = await taken(pieces)
    expect(joined.flatMap((piece) => [...piece])).toEqual([...values])
    // Stock sums of nothing do not run on WebGPU.
    if (sizes.includes(0)) {
      vector.dispose()
      continue
    }
    const factors = cutVector(tf.tensor1d(weights), shapes)
    const gradient = tf.grad((x) =>
      cutVector(x as tf.Tensor1D, shapes).reduce(
        (sum, piece, i) => tf.add(sum, tf.sum(tf.mul(piece, factors[i]))) as tf.Scalar,
        tf.scalar(0),
      ),
    )(vector)
    if (turn % 10 === 0) expect([...(await gradient.data())]).toEqual([...weights])
    tf.dispose([vector, gradient, ...factors])
  }
  const firsts = joinFirst(
    [
      {
        tensor: tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        size: 2,
      },
      { tensor: tf.tensor1d([5]), size: 1 },
    ],
    3,
  )
  expect([...(await firsts.data())]).toEqual([1, 2, 5])
})

it('copies large pieces among small ones, both ways', async () => {
  const shapes = [[7], [64, 40], [3, 1], [2048], [5000], ...Array.from({ length: 12 }, () => [2, 3]), [2047]]
  const total = shapes.reduce((sum, shape) => sum + tf.util.sizeFromShape(shape), 0)
  const random = randomStream(56, 'init')
  const [values, weights] = [normals(random, total), normals(random, total)]
  const [vector, factors] = [tf.tensor1d(values), tf.tensor1d(weights)]
  const weighed = (x: tf.Tensor) => {
    const others = cutVector(factors, shapes)
    return cutVector(x as tf.Tensor1D, shapes)
      .map((piece, i) => tf.sum(tf.mul(piece, others[i])))
      .reduce((a, b) => tf.add(a, b))
  }
  const [gradient, ...pieces] = await taken([tf.grad(weighed)(vector), ...cutVector(vector, shapes)])
  expect(pieces.flatMap((piece) => [...piece])).toEqual([...values])
  expect([...gradient]).toEqual([...weights])
  tf.dispose([vector, factors])
})

it('cross-entropy, its gradient and the errors', async () => {
  const random = randomStream(54, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const [rows, classes] = [1 + random.int(70), 1 + random.int(20)]
    const z = normals(random, rows * classes).map((v) => 3 * v)
    const y = normals(random, rows * classes).map(Math.abs)
    const [logits, targets] = [tf.tensor2d(z, [rows, classes]), tf.tensor2d(y, [rows, classes])]
    const { value, grad } = tf.valueAndGrad((t: tf.Tensor) =>
      tf.mul(fusedMeanCrossEntropy(t as tf.Tensor2D, targets)!, 2),
    )(logits)
    const [loss, gradient, wrong] = await taken([value, grad, fusedErrors(logits, targets)!])
    let expected = 0
    const dz = new Float64Array(z.length)
    const errors: number[] = []
    for (let r = 0; r < rows; r++) {
      const row = [...z.slice(r * classes, (r + 1) * classes)]
      const target = [...y.slice(r * classes, (r + 1) * classes)]
      const logSum = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0))
      const mass = target.reduce((a, b) => a + b, 0)
      row.forEach((v, c) => {
        expected += (2 * target[c] * (logSum - v)) / rows
        dz[r * classes + c] = (2 * (Math.exp(v - logSum) * mass - target[c])) / rows
      })
      errors.push(row.indexOf(Math.max(...row)) === target.indexOf(Math.max(...target)) ? 0 : 1)
    }
    // One class: the loss is 0 up to rounding.
    expect(Math.abs(loss[0] - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)))
    if (classes > 1) expect(relativeError(gradient, dz)).toBeLessThan(1e-5)
    expect([...wrong]).toEqual(errors)
    tf.dispose([logits, targets])
  }
})

it('sums of loss and errors over an evaluation, with and without a mask', async () => {
  const random = randomStream(55, 'init')
  for (let turn = 0; turn < 200; turn++) {
    const [rows, classes] = [1 + random.int(turn % 20 === 0 ? 700 : 60), 2 + random.int(20)]
    const smoothing = turn % 3 === 0 ? 0.1 : 0
    const z = normals(random, rows * classes).map((v) => 3 * v)
    const y = normals(random, rows * classes).map(Math.abs)
    const m = turn % 2 === 0 ? normals(random, rows).map((v) => (v > 0 ? 1 : 0)) : undefined
    const [logits, labels] = [tf.tensor2d(z, [rows, classes]), tf.tensor2d(y, [rows, classes])]
    const mask = m && tf.tensor1d(m)
    const [sums] = await taken([fusedEvaluationSums(logits, labels, smoothing, mask)!])
    const expected = [0, 0]
    for (let r = 0; r < rows; r++) {
      if (m && m[r] === 0) continue
      const row = [...z.slice(r * classes, (r + 1) * classes)]
      const label = [...y.slice(r * classes, (r + 1) * classes)]
      const logSum = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0))
      row.forEach((v, c) => {
        expected[0] += ((1 - smoothing) * label[c] + smoothing / classes) * (logSum - v)
      })
      if (row.indexOf(Math.max(...row)) !== label.indexOf(Math.max(...label))) expected[1]++
    }
    expect(Math.abs(sums[0] - expected[0])).toBeLessThanOrEqual(1e-5 * Math.abs(expected[0]))
    expect(sums[1]).toBe(expected[1])
    tf.dispose([logits, labels, ...(mask ? [mask] : [])])
  }
})

it('leaves a tensor that is float32 by name only to tfjs', () => {
  const labels = tf.cast(tf.oneHot(tf.tensor1d([1, 0], 'int32'), 2), 'float32') as tf.Tensor2D
  expect(
    fusedMeanCrossEntropy(
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      labels,
    ),
  ).toBeUndefined()
  expect(
    fusedMeanCrossEntropy(
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      tf.tensor2d([
        [0, 1],
        [1, 0],
      ]),
    ),
  ).toBeDefined()
})

it('updates and slices through the ops', async () => {
  const state = {
    theta: tf.tensor1d([1, 2]),
    momentum: tf.tensor1d([0.5, 0]),
    meanSquare: tf.tensor1d([1, 1]),
  }
  const g = tf.tensor1d([1, -2])
  const [rate, factor] = [tf.scalar(0.1), tf.scalar(0.5)]
  const sgd = await taken(Object.values(nesterovStep(state, g, rate, factor, 0.9)))
  expect(sgd[0][0]).toBeCloseTo(1 - 0.1 * (0.5 + 0.9 * 0.95), 6)
  const [theta, momentum, meanSquare] = await taken(
    Object.values(rmspropStep(state, g, rate, factor, { mu: 0.9, decay: 0.9 })),
  )
  expect(meanSquare[1]).toBeCloseTo(0.9 + 0.1, 6)
  expect(momentum[1]).toBeCloseTo(-1 / Math.sqrt(1.001), 6)
  expect(theta[1]).toBeCloseTo(2 + 0.1 / Math.sqrt(1.001), 6)
  const [point] = await taken([pointOnSlice(state.theta, [g, state.momentum], [rate, factor])])
  expect(point[0]).toBeCloseTo(1 + 0.1 + 0.25, 6)
})
