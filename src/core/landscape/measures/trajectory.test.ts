import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { Session } from '../../session/session'
import type { Waypoint } from '../../session/sessionTypes'
import { syntheticDataset } from '../../session/synthetic.testing'
import { isWaypoint, waypoints } from '../../session/way'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { MeasuredRun, MeasureProgress } from './measure'
import { type TrajectoryValues, trajectory } from './trajectory'

const dataset = syntheticDataset({ size: 8, noise: 0.3 })
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  model_name: 'mlp',
  mlp_layers: '6',
  batch_size: 16,
  num_epochs: 2,
  trajectory_every: 0.5,
}
const settings = { range: 0.5, points_2d: 5, num_images: 30, way_window: '' }

let session: Session
const passed: Record<string, Waypoint[]> = { sgd: [], sam: [] }

beforeAll(async () => {
  await tf.setBackend('cpu')
  const events = { onWaypoint: (run: string, waypoint: Waypoint) => passed[run].push(waypoint) > 0 }
  session = new Session({ config, dataset, events })
  await session.train()
})
afterAll(() => session.dispose())

const runs = (withWay: boolean): MeasuredRun[] =>
  session.runs.map((run) => {
    const known = withWay ? passed[run.key] : passed[run.key].slice(0, 1)
    const way = {
      steps: known.map(({ step }) => step),
      at: async (step: number) => known.find((one) => one.step === step)!,
    }
    const { key, network } = run
    const training = { step: run.step, ...run.evaluated }
    return { key, config, network, dataset, ...run.evaluated, training, way }
  })

async function measured(withWay: boolean): Promise<TrajectoryValues> {
  const progress: MeasureProgress<TrajectoryValues>[] = []
  const { findings } = await trajectory.compute({
    runs: runs(withWay),
    settings: { ...DEFAULT_MEASURE_SETTINGS, ...settings },
    onProgress: (news) => progress.push(news),
  })
  expect(findings[0].runs).toEqual(['sgd', 'sam'])
  expect(progress.at(-1)?.finished).toBe(true)
  return findings[0].values
}

describe('the way of a run', () => {
  it('is passed at its beginning, every half epoch and at its end', () => {
    const { stepsPerEpoch } = session.runs[0].lane
    const half = Math.round(stepsPerEpoch / 2)
    const steps = passed.sgd.map(({ step }) => step)
    expect(steps).toEqual(
      [0, half, 2 * half, 3 * half, 4 * half].map((step) => Math.min(step, 2 * stepsPerEpoch)),
    )
    expect(steps).toHaveLength(session.runs[0].wayBytes / (4 * session.runs[0].network.params.size))
    expect(passed.sgd[0].theta).toEqual(session.runs[0].lane.start.theta)
    expect(passed.sgd[0].theta).toEqual(passed.sam[0].theta)
    expect(passed.sgd.at(-1)!.theta).toEqual(session.runs[0].evaluated.theta.dataSync())
  })

  it('is counted as it is walked', () => {
    for (const every of [0, 0.3, 1, 2, 7]) {
      const stretch = { every, stepsPerEpoch: 10, totalSteps: 45 }
      const walked = Array.from({ length: 46 }, (_, step) => step).filter((step) => isWaypoint(step, stretch))
      expect(waypoints(stretch), `${every}`).toBe(walked.length)
    }
  })
})

describe('the plane of the ways', () => {
  it('has every point in its projection, whose rest is what lies outside', async () => {
    const before = tf.memory().numTensors
    const values = await measured(true)
    expect(tf.memory().numTensors).toBe(before)
    expect(values.point).toHaveLength(10)
    expect(values.point[9]).toBe('sam')
    expect([...values.point_step.slice(0, 5)]).toEqual(passed.sgd.map(({ step }) => step))
    // Distances between points: what is seen and what is outside, by Pythagoras, about the mean.
    const all = [...passed.sgd, ...passed.sam].map(({ theta }) => theta)
    const distinct = all.filter((_, i) => i !== 5)
    const mean = all[0].map((_, p) => distinct.reduce((sum, theta) => sum + theta[p], 0) / distinct.length)
    all.forEach((theta, i) => {
      const square = theta.reduce((sum, weight, p) => sum + (weight - mean[p]) ** 2, 0)
      const seen = values.point_x[i] ** 2 + values.point_y[i] ** 2 + values.point_outside[i] ** 2
      expect(seen / square).toBeCloseTo(1, 3)
    })
    expect([...values.direction_length]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)])
    expect(values.share[0]).toBeGreaterThan(values.share[1])
    expect(values.share[0] + values.share[1]).toBeLessThanOrEqual(1)
    expect(values.loss.every(Number.isFinite)).toBe(true)
    // Both begin at the same weights.
    expect(values.point_loss[0]).toBe(values.point_loss[5])
    expect(values.point_loss[9]).toBeLessThan(values.point_loss[5])
  })

  it('goes through the beginning and both runs where nothing is known between', async () => {
    const values = await measured(false)
    expect(values.point).toEqual(['sgd, step 0', 'sgd', 'sam, step 0', 'sam'])
    expect(Math.max(...values.point_outside)).toBeLessThan(1e-4)
    expect(values.share[0] + values.share[1]).toBeCloseTo(1, 9)
  })
})
