import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { registerOps } from '../../../engine/ops'
import * as tf from '../../../engine/tf'
import { initTheta } from '../../models/init'
import { mlp } from '../../models/mlp'
import { densityOf, evenly, logDensityOf, momentsOf } from './density'
import { EIGEN_DEFAULTS, eigenvectorsOf, extremeEigenvalues } from './eigenvalues'
import { KrylovSpaces } from './krylov'
import { Objective, type ObjectiveSettings } from './objective'
import type { SymmetricOperator } from './operator'
import { spectrumOf } from './spectrum'
import { estimateTrace, TRACE_DEFAULTS } from './trace'
import { tridiagonalEigen } from './tridiagonal'

beforeAll(async () => {
  await tf.setBackend('cpu')
  registerOps()
})

/** Eigenvalues of a symmetric matrix, ascending, by Jacobi's rotations. */
function jacobi(matrix: readonly (readonly number[])[]): number[] {
  const a = matrix.map((row) => [...row])
  const n = a.length
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-300) continue
        const half = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = Math.sign(half || 1) / (Math.abs(half) + Math.hypot(half, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k][p], a[k][q]]
          a[k][p] = c * x - s * y
          a[k][q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p][k], a[q][k]]
          a[p][k] = c * x - s * y
          a[q][k] = s * x + c * y
        }
      }
    }
  }
  return a.map((row, i) => row[i]).sort((x, y) => x - y)
}

const PLAIN: ObjectiveSettings = {
  loss: 'cross_entropy',
  labelSmoothing: 0,
  weightDecay: 0,
  noWeightDecayOnBn: false,
}

/** A smooth network of 43 weights on 12 images in two batches. */
function smooth(settings: Partial<ObjectiveSettings> = {}) {
  const network = mlp([2, 3, 1], 3, [4], 'tanh')
  const random = randomStream(8, 'init')
  const theta = tf.tensor1d(initTheta(network, 2).map((t) => t + 0.1 * random.normal()))
  const batchStats = tf.tensor1d([])
  const batches = [7, 5].map((count) => ({
    images: tf.tensor4d(
      Float32Array.from({ length: count * 6 }, () => random.normal()),
      [count, 2, 3, 1],
    ),
    labels: tf
      .oneHot(
        tf.tensor1d(
          Array.from({ length: count }, () => random.int(3)),
          'int32',
        ),
        3,
      )
      .toFloat() as tf.Tensor2D,
  }))
  const objective = new Objective(network, batches, { ...PLAIN, ...settings }, { theta, batchStats })
  return { network, theta, batchStats, batches, objective }
}

/** Every column, by a product with a unit vector. */
async function denseOf(operator: SymmetricOperator): Promise<number[][]> {
  const columns: number[][] = []
  for (let j = 0; j < operator.size; j++) {
    const unit = tf.tensor1d(Float32Array.from({ length: operator.size }, (_, i) => (i === j ? 1 : 0)))
    columns.push(Array.from(await operator.product(unit).data()))
  }
  return columns.map((column, j) => column.map((value, i) => (value + columns[i][j]) / 2))
}

/** A symmetric matrix with these eigenvalues, turned by reflections so that no axis is an eigenvector. */
function matrixOf(eigenvalues: readonly number[]): SymmetricOperator {
  const n = eigenvalues.length
  const random = randomStream(3, 'directions')
  const reflections = [0, 1].map(() => {
    const h = Array.from({ length: n }, () => random.normal())
    const size = Math.hypot(...h)
    return h.map((x) => x / size)
  })
  const reflect = (h: readonly number[], x: number[]) => {
    const along = 2 * h.reduce((sum, value, i) => sum + value * x[i], 0)
    return x.map((value, i) => value - along * h[i])
  }
  return {
    size: n,
    product(v) {
      const inside = reflections.reduce((x, h) => reflect(h, x), Array.from(v.dataSync()))
      const scaled = inside.map((value, i) => value * eigenvalues[i])
      return tf.tensor1d([...reflections].reverse().reduce((x, h) => reflect(h, x), scaled))
    },
  }
}

const startOf = (size: number, seed = 1) => {
  const random = randomStream(seed, 'probes')
  return tf.tensor1d(Float32Array.from({ length: size }, () => random.normal()))
}

it('decomposes tridiagonal matrices as Jacobi’s rotations do', () => {
  const random = randomStream(4, 'init')
  for (const n of [1, 2, 7, 30]) {
    const [a, b] = [n, n].map((length) => Array.from({ length }, () => random.normal()))
    if (n === 7) b[3] = 0
    const dense = a.map((_, i) =>
      a.map((_, j) => (i === j ? a[i] : Math.abs(i - j) === 1 ? b[Math.min(i, j)] : 0)),
    )
    const { values, components } = tridiagonalEigen(
      a,
      b,
      Array.from({ length: n }, (_, i) => i),
    )
    jacobi(dense).forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 12)
    })
    // A·Y = Y·Θ
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        const product = dense[i].reduce((sum, value, j) => sum + value * components[j][k], 0)
        expect(product).toBeCloseTo(values[k] * components[i][k], 11)
      }
    }
  }
})

describe('the objective', () => {
  it.each([
    { name: 'cross-entropy', settings: {} },
    { name: 'label smoothing and decay', settings: { labelSmoothing: 0.1, weightDecay: 0.05 } },
    { name: 'decay of matrices alone', settings: { weightDecay: 0.05, noWeightDecayOnBn: true } },
    { name: 'squared error', settings: { loss: 'mse' as const } },
  ])('has the derivatives that differences of it show: $name', async ({ settings }) => {
    const { objective, theta, batchStats } = smooth(settings)
    const base = Array.from(theta.dataSync())
    const at = async (moved: number[]) => {
      objective.moveTo({ theta: tf.tensor1d(moved), batchStats })
      const { value, gradient } = objective.gradient()
      return { value: (await value.data())[0], gradient: Array.from(await gradient.data()) }
    }
    const random = randomStream(6, 'directions')
    const v = base.map(() => random.normal())
    const h = 1e-2
    const [up, down, here] = [
      await at(base.map((t, i) => t + h * v[i])),
      await at(base.map((t, i) => t - h * v[i])),
      await at(base),
    ]
    const slope = here.gradient.reduce((sum, g, i) => sum + g * v[i], 0)
    expect((up.value - down.value) / (2 * h)).toBeCloseTo(slope, 3)
    const product = Array.from(await objective.product(tf.tensor1d(v)).data())
    const size = Math.hypot(...product)
    const off = Math.hypot(...product.map((p, i) => p - (up.gradient[i] - down.gradient[i]) / (2 * h)))
    expect(off / size).toBeLessThan(2e-3)
    objective.dispose()
  })

  it('leaves nothing behind', async () => {
    const { objective, theta, network } = smooth({ weightDecay: 0.1 })
    const before = tf.memory().numTensors
    for (let i = 0; i < 5; i++) objective.product(theta).dispose()
    tf.dispose(objective.gradient())
    const spaces = new KrylovSpaces(objective)
    const space = spaces.from(theta)
    await extremeEigenvalues(space)
    await estimateTrace(objective, space, network.params)
    space.dispose()
    await spectrumOf(spaces, { steps: 5, probes: 2, seed: 0 })
    spaces.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('eigenvalues', () => {
  it('are those of the dense Hessian, with its residuals', async () => {
    const { objective } = smooth({ weightDecay: 0.01 })
    const exact = jacobi(await denseOf(objective)).reverse()
    const spaces = new KrylovSpaces(objective)
    const space = spaces.from(startOf(objective.size))
    const found = (await extremeEigenvalues(space))!
    expect(found.converged).toBe(true)
    found.top.forEach(({ value }, i) => {
      expect(Math.abs(value - exact[i]) / exact[0]).toBeLessThan(1e-5)
    })
    expect(Math.abs(found.lowest.value - exact[exact.length - 1]) / exact[0]).toBeLessThan(1e-5)
    const vectors = eigenvectorsOf(space, found)
    for (const [i, { value, residual }] of [...found.top, found.lowest].entries()) {
      const rest = tf.norm(tf.sub(objective.product(vectors[i]), tf.mul(vectors[i], value))).dataSync()[0]
      expect(rest).toBeLessThan(residual + 1e-5 * exact[0])
    }
  })

  it('waits for an end that appears late: 2,000 values around 0 and one a little below', async () => {
    const values = Array.from({ length: 2000 }, (_, i) => 0.001 * Math.sin(i))
    const matrix = matrixOf([50, 40, 30, 20, 10, -0.1, ...values])
    const spaces = new KrylovSpaces(matrix)
    const found = (await extremeEigenvalues(spaces.from(startOf(matrix.size))))!
    expect(found.converged).toBe(true)
    expect(found.lowest.value).toBeCloseTo(-0.1, 3)
    expect(found.top.map(({ value }) => Math.round(value * 1e4) / 1e4)).toEqual([50, 40, 30, 20, 10])
  })

  it('needs fewer products from the vectors of the last time', async () => {
    const values = Array.from({ length: 600 }, (_, i) => Math.cos(i))
    const spaces = new KrylovSpaces(matrixOf([30, 26, 22, ...values]))
    const settings = { ...EIGEN_DEFAULTS, top: 1, lowest: false, tolerance: 1e-3 }
    const cold = spaces.from(startOf(603))
    const first = (await extremeEigenvalues(cold, settings))!
    const [vector] = eigenvectorsOf(cold, first)
    const warm = (await extremeEigenvalues(spaces.from(vector), settings))!
    expect(warm.products).toBeLessThan(first.products)
    expect(warm.top[0].value).toBeCloseTo(30, 3)
  })

  it('stops where the space is exhausted', async () => {
    const spaces = new KrylovSpaces(matrixOf([3, 3, 3, 3, 1, 1, 1, 0, 0, 0, 0, 0]))
    const space = spaces.from(startOf(12))
    const found = (await extremeEigenvalues(space))!
    expect(found.converged).toBe(true)
    expect(found.products).toBe(3)
    expect(found.top.map(({ value }) => Math.round(value * 1e5) / 1e5 + 0)).toEqual([3, 1, 0])
  })
})

describe('the trace', () => {
  it('is the sum of the diagonal, whole and by parameter, within its error', async () => {
    const { objective, network } = smooth()
    const diagonal = (await denseOf(objective)).map((column, j) => column[j])
    const spaces = new KrylovSpaces(objective)
    const space = spaces.from(startOf(objective.size))
    await space.grow({ steps: 8 })
    const found = (await estimateTrace(objective, space, network.params, { ...TRACE_DEFAULTS, least: 30 }))!
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
    expect(found.trace.error).toBeGreaterThan(0)
    expect(Math.abs(found.trace.value - sum(diagonal))).toBeLessThan(3 * found.trace.error)
    network.params.entries.forEach(({ offset, size }, i) => {
      const { value, error } = found.byParameter[i]
      expect(Math.abs(value - sum(diagonal.slice(offset, offset + size)))).toBeLessThan(4 * error)
    })
  })

  it('is exact from a space that is everything', async () => {
    const { objective, network } = smooth()
    const diagonal = (await denseOf(objective)).map((column, j) => column[j])
    const space = new KrylovSpaces(objective).from(startOf(objective.size))
    await space.grow({ steps: objective.size })
    const { trace } = (await estimateTrace(objective, space, network.params))!
    expect(trace.value).toBeCloseTo(
      diagonal.reduce((a, b) => a + b, 0),
      4,
    )
  })
})

describe('the spectrum', () => {
  const values = [9, 5, 4, -2, ...Array.from({ length: 60 }, (_, i) => i / 100)]

  it('is exact for powers below twice the steps: vᵀHᵏv of each probe', async () => {
    const matrix = matrixOf(values)
    const spaces = new KrylovSpaces(matrix)
    const spectra = await spectrumOf(spaces, { steps: 6, probes: 40, seed: 1 })
    for (const power of [0, 1, 2, 3]) {
      const moments = momentsOf(spectra, power)
      const mean = moments.reduce((a, b) => a + b, 0) / moments.length
      const error = Math.sqrt(moments.reduce((a, b) => a + (b - mean) ** 2, 0) / 39 / 40)
      const exact = values.reduce((a, b) => a + b ** power, 0) / values.length
      expect(Math.abs(mean - exact)).toBeLessThan(3 * error + 1e-6)
    }
  })

  it('is a density: its integral is 1, that of its logarithm the share of its sign', async () => {
    const spectra = await spectrumOf(new KrylovSpaces(matrixOf(values)), { steps: 64, probes: 20, seed: 2 })
    const at = evenly(-6, 13, 4000)
    const integral = ({ at, density }: { at: Float64Array; density: Float64Array }) =>
      density.reduce((sum, value) => sum + value, 0) * (at[1] - at[0])
    expect(integral(densityOf(spectra, 0.3, at))).toBeCloseTo(1, 6)
    const decades = evenly(-5, 3, 4000)
    const above = integral(logDensityOf(spectra, 1, 0.05, decades, 1e-3))
    const below = integral(logDensityOf(spectra, -1, 0.05, decades, 1e-3))
    expect(below).toBeGreaterThan(0)
    expect(above + below).toBeLessThan(1)
    expect(above).toBeGreaterThan(0.8)
  })
})
