/** λ₁ and batch sharpness against a network of our own in double precision, whose Hessian is made of differences. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import type { Dataset } from '../data/dataset'
import { sliceImages } from '../data/selection/sliceImages'
import type { EdgeMetrics, RunKey } from '../runs/metrics'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

const HIDDEN = 3
const config = (changes: Partial<RunConfig> = {}): RunConfig => ({
  ...DEFAULT_CONFIG,
  runs: '',
  sam_rho: 0,
  loss: 'mse',
  mlp_layers: String(HIDDEN),
  mlp_activation: 'tanh',
  momentum: 0,
  gradient_clipping: 0,
  use_learning_rate_schedule: false,
  learning_rate: 0.05,
  weight_decay: 0.01,
  label_noise: 0,
  num_train_examples: null,
  full_batch: true,
  batch_size: 10,
  num_epochs: 4,
  num_eval_examples: 8,
  top_eigenvalue_every: 2,
  top_eigenvalue_images: 1000,
  ...changes,
})
const dataset = syntheticDataset({ size: 2, classes: 3, train: 24, test: 8 })

/** ½·Σ(f − y)² + λ/2·Σθ², mean over these images, in double precision: tanh, as the layout has the weights. */
function objective(theta: Float64Array, data: Dataset, images: readonly number[], decay: number): number {
  const inputs = data.height * data.width
  const classes = data.classNames.length
  // Sorted by name: Dense_0/bias, Dense_0/kernel, Dense_1/bias, Dense_1/kernel.
  const [b0, k0] = [0, HIDDEN]
  const [b1, k1] = [k0 + inputs * HIDDEN, k0 + inputs * HIDDEN + classes]
  let sum = 0
  for (const image of images) {
    const hidden = Array.from({ length: HIDDEN }, (_, j) => {
      let z = theta[b0 + j]
      for (let i = 0; i < inputs; i++) {
        const pixel = (data.train.images[image * inputs + i] / 255 - data.mean[0]) / data.std[0]
        z += pixel * theta[k0 + i * HIDDEN + j]
      }
      return Math.tanh(z)
    })
    for (let c = 0; c < classes; c++) {
      let f = theta[b1 + c]
      for (let j = 0; j < HIDDEN; j++) f += hidden[j] * theta[k1 + j * classes + c]
      sum += 0.5 * (f - (data.train.labels[image] === c ? 1 : 0)) ** 2
    }
  }
  return sum / images.length + (decay / 2) * theta.reduce((all, value) => all + value * value, 0)
}

const H = 1e-4

function hessianOf(theta: Float64Array, of: (theta: Float64Array) => number): number[][] {
  const n = theta.length
  const at = (...moves: [number, number][]) => {
    const moved = theta.slice()
    for (const [i, by] of moves) moved[i] += by
    return of(moved)
  }
  return Array.from({ length: n }, (_, i) =>
    Array.from(
      { length: n },
      (_, j) =>
        (at([i, H], [j, H]) - at([i, H], [j, -H]) - at([i, -H], [j, H]) + at([i, -H], [j, -H])) / (4 * H * H),
    ),
  )
}

function gradientOf(theta: Float64Array, of: (theta: Float64Array) => number): number[] {
  return Array.from(theta, (_, i) => {
    const [up, down] = [theta.slice(), theta.slice()]
    up[i] += H
    down[i] -= H
    return (of(up) - of(down)) / (2 * H)
  })
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
const times = (matrix: readonly number[][], v: readonly number[]) => matrix.map((row) => dot(row, v))

/** By the power method on H + shift. */
function largestEigenvalue(matrix: number[][]): number {
  const shift = 50
  let v = matrix.map((_, i) => Math.cos(i + 1))
  for (let k = 0; k < 3000; k++) {
    const next = times(matrix, v).map((value, i) => value + shift * v[i])
    const norm = Math.hypot(...next)
    v = next.map((value) => value / norm)
  }
  return dot(v, times(matrix, v))
}

async function watched(settings: RunConfig) {
  const edges: Record<RunKey, EdgeMetrics[]> = {}
  const thetas: Float64Array[] = []
  const session = new Session({
    config: settings,
    dataset,
    events: {
      onEdge(run, metrics) {
        edges[run] = [...(edges[run] ?? []), metrics]
        const { theta, batchStats } = session.run(run).training()
        thetas.push(Float64Array.from(theta.dataSync()))
        tf.dispose([theta, batchStats])
      },
    },
  })
  await session.train()
  session.dispose()
  return { edges, thetas }
}

describe('the curvature while training', () => {
  it('is that of a dense Hessian made of differences, at every look', async () => {
    const before = tf.memory().numTensors
    const { edges, thetas } = await watched(config())
    expect(tf.memory().numTensors).toBe(before)
    expect(edges.sgd.map(({ step }) => step)).toEqual([2, 4])
    const all = Array.from({ length: dataset.train.count }, (_, i) => i)
    edges.sgd.forEach((edge, k) => {
      const of = (theta: Float64Array) => objective(theta, dataset, all, 0.01)
      const lambda = largestEigenvalue(hessianOf(thetas[k], of))
      expect(Math.abs(edge.topEigenvalue - lambda) / lambda).toBeLessThan(2e-3)
      expect(Math.abs(edge.topEigenvalue - lambda)).toBeLessThan(edge.topEigenvalueResidual + 1e-4 * lambda)
      expect(edge.edgeGradientNorm).toBeCloseTo(Math.hypot(...gradientOf(thetas[k], of)), 4)
      expect(edge.stabilityEdge).toBeCloseTo(2 / 0.05, 9)
      expect(edge.samEdge).toBeUndefined()
      expect(edge.edgeSeconds).toBeGreaterThan(edges.sgd[k - 1]?.edgeSeconds ?? 0)
    })
  })

  it('of small batches is the mean over them, each with its own gradient and Hessian', async () => {
    const settings = config({ full_batch: false, batch_size: 6, num_epochs: 1, batch_sharpness: true })
    const { edges, thetas } = await watched(settings)
    const [edge] = edges.sgd
    const images = sliceImages(dataset.train.count, 1000, settings.run_seed)
    randomStream(settings.run_seed, 'probes').shuffle(images)
    const values = [0, 6, 12, 18].map((first) => {
      const batch = [...images.slice(first, first + 6)]
      const of = (theta: Float64Array) => objective(theta, dataset, batch, 0.01)
      const g = gradientOf(thetas[0], of)
      return dot(g, times(hessianOf(thetas[0], of), g)) / dot(g, g)
    })
    const mean = values.reduce((a, b) => a + b) / 4
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3 / 4)
    expect(Math.abs(edge.batchSharpness! - mean) / mean).toBeLessThan(1e-3)
    expect(Math.abs(edge.batchSharpnessError! - error) / error).toBeLessThan(1e-2)
  })

  it('changes no bit of the training, and is the same for a run beside others', async () => {
    const trainedTo = async (changes: Partial<RunConfig>) => {
      const session = new Session({ config: config(changes), dataset })
      await session.train()
      const thetas = await Promise.all(
        session.runs.map(async ({ key }) => (await session.snapshot(key)).theta),
      )
      session.dispose()
      return thetas
    }
    const pair = { runs: 'sam_rho:0;sam_rho:0.1' }
    expect(await trainedTo(pair)).toEqual(await trainedTo({ ...pair, top_eigenvalue_every: 0 }))
    const { edges: alone } = await watched(config({ sam_rho: 0.1 }))
    const { edges: both } = await watched(config(pair))
    expect(both.sam.map(({ topEigenvalue }) => topEigenvalue)).toEqual(
      alone.sam.map(({ topEigenvalue }) => topEigenvalue),
    )
    expect(both.sam[0].samEdge).toBeLessThan(both.sam[0].stabilityEdge!)
  })

  it('that is interrupted is made up for', async () => {
    const steps: number[] = []
    const session = new Session({
      config: config(),
      dataset,
      events: { onEdge: (_, { step }) => steps.push(step) },
    })
    await session.train({ until: 2 })
    const training = session.train()
    await session.pause()
    await training
    await session.train()
    expect(steps).toEqual([2, 4])
    session.dispose()
  })
})
