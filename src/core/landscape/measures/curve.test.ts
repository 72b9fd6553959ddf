import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { shares } from '../bend'
import { curve } from './curve'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import { interpolation } from './interpolation'
import type { MeasuredRun } from './measure'

const dataset = syntheticDataset({ size: 8, noise: 0.3 })
/** Two seeds: their minima lie apart, with a bump on the line between them. */
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  model_name: 'mlp',
  mlp_layers: '8',
  batch_size: 16,
  num_epochs: 6,
  learning_rate: 0.1,
}
const settings = {
  ...DEFAULT_MEASURE_SETTINGS,
  points_1d: 9,
  num_images: 40,
  bend_steps: 120,
  bend_rate: 0.1,
}

const sessions: Session[] = []
beforeAll(async () => {
  await tf.setBackend('cpu')
  for (const run_seed of [0, 1]) {
    const session = new Session({ config: { ...config, runs: '', run_seed }, dataset })
    await session.train()
    sessions.push(session)
  }
})
afterAll(() => {
  for (const session of sessions) session.dispose()
})

const runs = (): MeasuredRun[] =>
  sessions.map((session, i) => {
    const [{ network, evaluated }] = session.runs
    return { key: i === 0 ? 'one' : 'two', config, network, dataset, ...evaluated }
  })

describe('a curve with one bend', () => {
  it('begins and ends at the runs, and adds up to 1 between', () => {
    for (const bend of ['bezier', 'polychain'] as const) {
      expect(shares(bend, 0)).toEqual([1, 0, 0])
      expect(shares(bend, 1)).toEqual([0, 0, 1])
      for (const t of [0.1, 0.25, 0.5, 0.8]) {
        expect(shares(bend, t).reduce((sum, share) => sum + share)).toBeCloseTo(1, 12)
      }
    }
    expect(shares('bezier', 0.5)).toEqual([0.25, 0.5, 0.25])
    expect(shares('polychain', 0.5)).toEqual([0, 1, 0])
    expect(shares('polychain', 0.75)).toEqual([0, 0.5, 0.5])
  })

  it.each(['bezier', 'polychain'] as const)(
    '%s: is lower than the straight line once it is trained',
    async (bend) => {
      const before = tf.memory().numTensors
      const { findings, cancelled } = await curve.compute({
        runs: runs(),
        settings: { ...settings, bend },
        onProgress: () => {},
      })
      expect(cancelled).toBe(false)
      expect(tf.memory().numTensors).toBe(before)
      const [{ runs: ends, values }] = findings
      expect(ends).toEqual(['one', 'two'])
      expect(values.loss[0]).toBeCloseTo(values.line_loss[0], 5)
      expect(values.loss[8]).toBeCloseTo(values.line_loss[8], 5)
      expect(values.line_barrier).toBeGreaterThan(0.05)
      expect(values.barrier).toBeLessThan(0.7 * values.line_barrier!)
      expect(values.bend_distance).toBeGreaterThan(0)
    },
  )

  it('is the straight line as long as its bend is not trained', async () => {
    const { findings } = await curve.compute({
      runs: runs(),
      settings: { ...settings, bend: 'polychain', bend_steps: 0 },
      onProgress: () => {},
    })
    const { loss, line_loss, t } = findings[0].values
    loss.forEach((value, i) => {
      expect(value).toBeCloseTo(line_loss[i], 5)
    })
    const straight = await interpolation.compute({
      runs: runs(),
      settings: { points_1d: 17, num_images: 40 },
      onProgress: () => {},
    })
    const { t: at, loss: there } = straight.findings[0].values
    t.forEach((place, i) => {
      const k = at.indexOf(place)
      if (k >= 0) expect(line_loss[i]).toBeCloseTo(there[k], 5)
    })
    expect([...t].filter((place) => at.includes(place)).length).toBeGreaterThan(4)
  })
})
