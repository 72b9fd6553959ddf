import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerOps } from '../../../engine/ops'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { sliceImages } from '../../data/selection/sliceImages'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { filterNormalised, gaussianDraw } from '../directions'
import type { LossProbe } from '../lossProbe'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import { interpolation } from './interpolation'
import { line } from './line'
import type { MeasuredRun, MeasureJob, MeasureProgress } from './measure'
import { type SurfaceValues, sliceSurface, surface } from './surface'

const IMAGES = 40
const settings = { ...DEFAULT_MEASURE_SETTINGS, points_1d: 9, points_2d: 5, num_images: IMAGES }
const dataset = syntheticDataset({ size: 8, noise: 0.3 })

let session: Session
let before: number

/** cnn_small has batch norm, so statistics take part too. */
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  model_name: 'cnn_small',
  cnn_channels: '3,4',
  cnn_dense: 6,
  batch_size: 16,
  num_epochs: 2,
  label_smoothing: 0.1,
  num_eval_examples: 8,
}

beforeAll(async () => {
  await tf.setBackend('cpu')
  registerOps()
  session = new Session({ config, dataset })
  await session.train()
  before = tf.memory().numTensors
})
afterAll(() => {
  expect(tf.memory().numTensors).toBe(before)
  session.dispose()
})

const images = sliceImages(dataset.train.count, IMAGES, config.run_seed)

/** Loss and error of plain arrays of weights, with nothing but the network's forward function and arithmetic. */
async function direct(theta: Float32Array, batchStats: Float32Array) {
  const { train, mean, std } = dataset
  const size = 64
  const pixels = new Float32Array(IMAGES * size)
  images.forEach((image, n) => {
    for (let p = 0; p < size; p++)
      pixels[n * size + p] = (train.images[image * size + p] / 255 - mean[0]) / std[0]
  })
  const logits = tf.tidy(
    () =>
      session.runs[0].network.forward(
        tf.tensor1d(theta),
        tf.tensor1d(batchStats),
        tf.tensor4d(pixels, [IMAGES, 8, 8, 1]),
        false,
      ).logits,
  )
  const values = await logits.data()
  logits.dispose()
  let loss = 0
  let errors = 0
  images.forEach((image, n) => {
    const row = [...values.slice(n * 4, n * 4 + 4)]
    const top = Math.max(...row)
    const logSum = top + Math.log(row.reduce((sum, z) => sum + Math.exp(z - top), 0))
    const label = train.labels[image]
    row.forEach((z, c) => {
      loss += (0.1 / 4 + (c === label ? 0.9 : 0)) * (logSum - z)
    })
    if (row.indexOf(top) !== label) errors++
  })
  return { loss: loss / IMAGES, error: errors / IMAGES }
}

async function arrays(id: string) {
  const { theta, batchStats } = await session.snapshot(id)
  return { theta, batchStats }
}

const runs = (): MeasuredRun[] =>
  session.runs.map(({ key, network, evaluated }) => ({ key, config, network, dataset, ...evaluated }))

async function computed<V, T>(
  { compute }: { compute(job: MeasureJob<typeof settings, V>): Promise<T> },
  changes: Partial<MeasureJob<typeof settings, V>> = {},
): Promise<{ result: T; progress: MeasureProgress<V>[] }> {
  const progress: MeasureProgress<V>[] = []
  const result = await compute({
    runs: runs(),
    settings,
    onProgress: (p) => progress.push({ ...p }),
    ...changes,
  })
  return { result, progress }
}

describe('slices', () => {
  it('a line equals direct evaluation of every point, of both runs along the same draw', async () => {
    const { result, progress } = await computed(line)
    const { params } = session.runs[0].network
    expect(result.findings.map((finding) => finding.runs)).toEqual([['sgd'], ['sam']])
    for (const { runs, values } of result.findings) {
      const { theta, batchStats } = await arrays(runs[0])
      const d = filterNormalised(gaussianDraw(params.size, 0, 0), theta, params, false)
      for (let i = 0; i < values.a.length; i++) {
        const expected = await direct(
          theta.map((w, k) => w + values.a[i] * d[k]),
          batchStats,
        )
        expect(values.loss[i]).toBeCloseTo(expected.loss, 4)
        expect(values.error[i]).toBeCloseTo(expected.error, 6)
      }
      expect(values.level).toBe(result.findings[0].values.level)
      expect(values.level).toBeGreaterThan(values.loss[4])
      expect(values.width).toBe(values.right! - values.left!)
    }
    expect(progress.at(-1)).toMatchObject({ done: 18, total: 18, finished: true })
    expect(result.cancelled).toBe(false)
  })

  it('a surface has y down the rows and x along them', async () => {
    const { result } = await computed(surface)
    const { params } = session.runs[0].network
    const { runs, values: slice } = result.findings[1]
    expect(runs).toEqual(['sam'])
    const { theta, batchStats } = await arrays('sam')
    const d1 = filterNormalised(gaussianDraw(params.size, 0, 0), theta, params, false)
    const d2 = filterNormalised(gaussianDraw(params.size, 0, 1), theta, params, false)
    for (const [i, j] of [
      [0, 3],
      [3, 0],
      [2, 2],
      [4, 1],
    ]) {
      const moved = theta.map((w, k) => w + slice.x[j] * d1[k] + slice.y[i] * d2[k])
      expect(slice.loss[i * 5 + j]).toBeCloseTo((await direct(moved, batchStats)).loss, 4)
    }
    expect(slice.loss.some(Number.isNaN)).toBe(false)
  })

  it('an interpolation meets both runs where t is 0 and 1, statistics included', async () => {
    const { result } = await computed(interpolation)
    const [{ runs, values }] = result.findings
    const { t: at, loss, error } = values
    expect(runs).toEqual(['sgd', 'sam'])
    const sgd = await arrays('sgd')
    const sam = await arrays('sam')
    for (const [t, weights] of [
      [0, sgd],
      [1, sam],
    ] as const) {
      const expected = await direct(weights.theta, weights.batchStats)
      expect(loss[at.indexOf(t)]).toBeCloseTo(expected.loss, 4)
      expect(error[at.indexOf(t)]).toBeCloseTo(expected.error, 6)
    }
    const half = await direct(
      sgd.theta.map((w, k) => (w + sam.theta[k]) / 2),
      sgd.batchStats.map((s, k) => (s + sam.batchStats[k]) / 2),
    )
    expect(loss[at.indexOf(0.5)]).toBeCloseTo(half.loss, 4)
    expect(loss.every(Number.isFinite)).toBe(true)
  })

  it('tells what its axes are', async () => {
    const { result } = await computed(surface)
    const { params } = session.runs[0].network
    const { theta } = await arrays('sgd')
    const d = [0, 1].map((k) => filterNormalised(gaussianDraw(params.size, 0, k), theta, params, false))
    const { values } = result.findings[0]
    expect(values.direction).toEqual(['x', 'y'])
    expect(values.direction_title).toEqual(['random, filter-normalised', 'random, filter-normalised'])
    d.forEach((vector, k) => {
      expect(values.direction_length![k]).toBeCloseTo(Math.hypot(...vector), 6)
    })
    const product = d[0].reduce((sum, value, i) => sum + value * d[1][i], 0)
    expect(values.cosine).toBeCloseTo(product / (Math.hypot(...d[0]) * Math.hypot(...d[1])), 6)
    expect(values.mark).toEqual([])
    // For the file as they were walked along.
    expect([...result.vectors!.keys()]).toEqual(['sgd/d1', 'sgd/d2', 'sam/d1', 'sam/d2'])
    expect(['sgd/d1', 'sgd/d2'].map((name) => result.vectors!.get(name))).toEqual(d)
  })

  it('have the level of a line of the same runs', async () => {
    const levels = (findings: readonly { values: { level?: number } }[]) =>
      findings.map(({ values }) => values.level)
    const along = (await computed(line)).result
    expect(levels(along.findings)[0]).toBeGreaterThan(0)
    expect(levels((await computed(surface)).result.findings)).toEqual(levels(along.findings))
  })

  it('toward another run meets it at 1, with its statistics', async () => {
    const { result } = await computed(line, { settings: { ...settings, directions: 'toward' } })
    const [sgd, sam] = result.findings
    expect(sgd.values.direction_title).toEqual(['toward sam'])
    expect(sam.values.direction_title).toEqual(['toward sgd'])
    expect([...sgd.values.a]).toEqual([-0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5])
    expect([...sgd.values.mark_a!]).toEqual([0, expect.closeTo(1, 6)])
    expect(Math.max(...sgd.values.mark_outside!)).toBeLessThan(1e-5)
    const there = await arrays('sam')
    const expected = await direct(there.theta, there.batchStats)
    expect(sgd.values.loss[6]).toBeCloseTo(expected.loss, 4)
    expect(sam.values.loss[2]).toBeCloseTo(expected.loss, 4)
    // Both are the same line, walked in opposite directions.
    sgd.values.loss.forEach((loss, i) => {
      expect(loss).toBeCloseTo(sam.values.loss[8 - i], 4)
    })
  })

  it('through three points meets each of them, with its own statistics', async () => {
    const start = session.runs[0].lane.start
    const way = { steps: [0], at: async () => start }
    const { result } = await computed(surface, {
      runs: runs().map((run) => ({ ...run, way })),
      settings: { ...settings, directions: 'points', points_2d: 3, range: 0.5 },
    })
    const { values } = result.findings[0]
    expect(values.mark).toEqual(['sgd', 'sam', 'sgd, step 0'])
    expect(Math.max(...values.mark_outside!)).toBeLessThan(1e-4)
    expect(values.direction_length![0]).toBeCloseTo(values.direction_length![1], 5)
    expect(values.cosine).toBeCloseTo(0, 5)
    // The frame's left and right, or its top and bottom, are the points that lie furthest apart.
    const [x, y] = [values.mark_x!, values.mark_y!]
    expect(values.x[2] - values.x[0]).toBeCloseTo(
      Math.max(Math.max(...x) - Math.min(...x), Math.max(...y) - Math.min(...y)),
      6,
    )
    // The middle of the picture, by the three points alone.
    const [a, b] = [await arrays('sgd'), await arrays('sam')]
    const [u, v] = [values.x[1] - (values.y[1] / y[2]) * x[2], values.y[1] / y[2]]
    const mixed = (of: 'theta' | 'batchStats') =>
      a[of].map((value, k) => value + u * (b[of][k] - value) + v * (start[of][k] - value))
    const expected = await direct(mixed('theta'), mixed('batchStats'))
    expect(values.loss[4]).toBeCloseTo(expected.loss, 3)
  })

  it('along the gradient goes up, along the first eigenvector it curves by its eigenvalue', async () => {
    const small = { ...settings, range: 0.01, points_1d: 3 }
    const steep = await computed(line, { settings: { ...small, directions: 'gradient' } })
    const up = steep.result.findings[0].values
    expect(up.direction_length![0]).toBeCloseTo(1, 5)
    expect(up.loss[2]).toBeGreaterThan(up.loss[0])
    expect(up.mark).toEqual(['sgd + ε̂', 'sam'])
    expect(up.mark_a![0]).toBeCloseTo(config.sam_rho, 5)
    const curved = await computed(line, { settings: { ...small, range: 0.05, directions: 'eigenvectors' } })
    const { loss, direction_title } = curved.result.findings[0].values
    const lambda = Number(direction_title![0].split('= ')[1])
    const second = (loss[0] - 2 * loss[1] + loss[2]) / 0.05 ** 2
    expect(second / lambda).toBeGreaterThan(0.8)
    expect(second / lambda).toBeLessThan(1.25)
  })

  it('refuses planes that there are not', async () => {
    const want = (directions: 'toward' | 'trajectory', more = {}) =>
      computed(line, { settings: { ...settings, directions, ...more } })
    await expect(want('trajectory')).rejects.toThrow('weights on the way that span a line, got 1')
    await expect(want('toward', { toward: 'adam' })).rejects.toThrow('toward: one of initial, sgd, sam')
    await expect(want('toward', { toward: 'initial' })).rejects.toThrow('of sgd the weights it began with')
    await expect(want('toward', { toward: 'sam@7' })).rejects.toThrow('of sam its weights after step 7')
  })

  it('keeps what it has when it is cancelled', async () => {
    const abort = new AbortController()
    let points = 0
    const probe = countingProbe(() => {
      if (++points === 7) abort.abort()
    })
    const targets = runs().map((run) => ({ ...run, probe }))
    const compute = (job: MeasureJob<typeof settings, SurfaceValues>) => sliceSurface({ ...job, targets })
    const { result, progress } = await computed({ compute }, { signal: abort.signal })
    expect(result.cancelled).toBe(true)
    const measured = result.findings
      .flatMap(({ values }) => [...values.loss])
      .filter((value) => !Number.isNaN(value))
    expect(measured).toHaveLength(7)
    expect(progress.at(-1)).toMatchObject({ done: 7, total: 50, finished: false })
    // The centre of both is there first.
    expect(result.findings.every(({ values }) => Number.isFinite(values.loss[12]))).toBe(true)
  })

  it('looks at the same images whatever their number', () => {
    const few = sliceImages(1000, 50, 3)
    const many = new Set(sliceImages(1000, 200, 3))
    expect([...few].every((image) => many.has(image))).toBe(true)
    expect(sliceImages(10, 50, 3)).toEqual(Uint32Array.from({ length: 10 }, (_, i) => i))
  })
})

/** A probe that costs nothing and tells when it is asked. */
function countingProbe(asked: () => void): LossProbe {
  const fake: Pick<LossProbe, 'count' | 'chooseKernels' | 'sums' | 'dispose'> = {
    chooseKernels: async () => {},
    count: 1,
    sums: () => {
      asked()
      return tf.tensor1d([1, 0])
    },
    dispose() {},
  }
  return fake as LossProbe
}
