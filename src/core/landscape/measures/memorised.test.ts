import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { withLabelNoise } from '../../data/selection/labelNoise'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { MeasuredRun } from './measure'
import { memorised } from './memorised'

const NOISE = 0.5
const clean = syntheticDataset()
const dataset = {
  ...clean,
  train: { ...clean.train, ...withLabelNoise(clean.train.labels, NOISE, clean.classNames.length, 3) },
}
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  mlp_layers: '8',
  batch_size: 16,
  num_epochs: 4,
  learning_rate: 0.2,
  label_noise: NOISE,
  run_seed: 3,
}

let session: Session

beforeAll(async () => {
  await tf.setBackend('cpu')
  session = new Session({ config, dataset })
  await session.train()
})
afterAll(() => session.dispose())

const measured = (more: { wrong_images?: number; of?: typeof dataset; signal?: AbortSignal } = {}) => {
  const { wrong_images = 2000, of = dataset, signal } = more
  const runs = session.runs.map(({ key, config, network, evaluated }): MeasuredRun => {
    return { key, config, network, dataset: of, ...evaluated }
  })
  const settings = { ...DEFAULT_MEASURE_SETTINGS, wrong_images }
  return memorised.compute({ runs, settings, signal, onProgress: () => {} })
}

describe('wrong labels', () => {
  it('are told with the right ones, and learned as often as the evaluation says; nothing is left behind', async () => {
    const before = tf.memory().numTensors
    const { findings } = await measured()
    expect(tf.memory().numTensors).toBe(before)
    for (const { runs, values } of findings) {
      expect(values.image).toHaveLength(NOISE * clean.train.count)
      values.image.forEach((i, at) => {
        expect(values.right[at]).toBe(clean.train.labels[i])
        expect(values.given[at]).toBe(dataset.train.labels[i])
        expect(values.given[at]).not.toBe(values.right[at])
      })
      expect(values.share).toBeCloseTo(session.run(runs[0]).evaluations.at(-1)!.memorised!, 9)
    }
  })

  it('are as many as were asked for, the same of every run', async () => {
    const { findings } = await measured({ wrong_images: 5 })
    expect(findings.map(({ values }) => values.image.length)).toEqual([5, 5])
    expect(findings[0].values.image).toEqual(findings[1].values.image)
  })

  it('are refused where there are none, and left where somebody says stop', async () => {
    await expect(measured({ of: clean })).rejects.toThrow('wrong labels: runs with label noise, got none')
    const { findings, cancelled } = await measured({ signal: AbortSignal.abort() })
    expect(cancelled).toBe(true)
    expect(findings[0].values.predicted).toEqual(findings[0].values.image.map(() => Number.NaN))
  })
})
