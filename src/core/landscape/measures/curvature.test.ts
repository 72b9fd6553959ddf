import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerOps } from '../../../engine/ops'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { withLabelNoise } from '../../data/selection/labelNoise'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { quadraturesOf } from '../curvature/density'
import { curvature } from './curvature'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { Measure, MeasuredRun, MeasureProgress, SettingsIn, SettingsShape, Values } from './measure'
import { checkedSettings } from './request'
import { spectrum } from './spectrum'
import { tablesOf } from './tables'

/** A fifth of the labels are wrong. */
const clean = syntheticDataset({ size: 8, noise: 0.3 })
const noise = withLabelNoise(clean.train.labels, 0.2, clean.classNames.length, DEFAULT_CONFIG.run_seed)
const dataset = { ...clean, train: { ...clean.train, ...noise } }

const config: RunConfig = {
  ...DEFAULT_CONFIG,
  model_name: 'cnn_small',
  cnn_channels: '3,4',
  cnn_dense: 6,
  batch_size: 16,
  num_epochs: 1,
  num_eval_examples: 8,
  label_noise: 0.2,
  weight_decay: 0.01,
  label_smoothing: 0,
  runs: 'sam_rho:0;',
}

let session: Session
let before: number

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

/** What trains in a run is here another run's weights, to be told from those that are evaluated. */
const runs = (): MeasuredRun[] =>
  session.runs.map(({ key, network, evaluated }, i) => {
    const training = { step: 4, ...session.runs[1 - i].evaluated }
    return { key, config, network, dataset, ...evaluated, training }
  })

async function computed<Id extends string, Shape extends SettingsShape, V extends Values>(
  measure: Measure<Id, Shape, V>,
  own: Partial<SettingsIn<Shape>>,
  { cancelAtFirst = false } = {},
) {
  const names = Object.keys(measure.settings)
  const all: Record<string, unknown> = { ...DEFAULT_MEASURE_SETTINGS, num_images: 40, ...own }
  const settings = checkedSettings(measure, Object.fromEntries(names.map((name) => [name, all[name]])))
  const abort = new AbortController()
  const progress: MeasureProgress<V>[] = []
  // News comes by the clock; the list of findings is the same from the first news on.
  const watch = setInterval(() => {
    if (cancelAtFirst && progress[0]?.findings.length === 1) abort.abort()
  }, 0)
  const outcome = await measure.compute({
    runs: runs(),
    settings: settings as SettingsIn<Shape>,
    signal: abort.signal,
    onProgress(news) {
      progress.push({ ...news })
    },
  })
  clearInterval(watch)
  return { ...outcome, progress }
}

describe('curvature', () => {
  it('has of each run eigenvalues, trace by parameter and slope, and tells how far it is', async () => {
    const { findings, cancelled, progress } = await computed(curvature, { trace_probes: 4 })
    expect(cancelled).toBe(false)
    expect(findings.map(({ runs }) => runs)).toEqual(session.runs.map(({ key }) => [key]))
    for (const { values } of findings) {
      expect(values.converged).toBe(true)
      expect([...values.eigenvalue].sort((a, b) => b - a)).toEqual([...values.eigenvalue])
      expect(values.smallest).toBeLessThan(values.eigenvalue[4])
      const parts = values.parameter_trace.reduce((a, b) => a + b, 0)
      expect(parts).toBeCloseTo(values.trace!, 3)
      expect(values.gradient_norm).toBeGreaterThan(0)
    }
    expect(progress.at(-1)).toMatchObject({ finished: true })
    const tables = tablesOf(curvature as unknown as Measure, findings)
    const byName = new Map(tables.map((table) => [table.name, [...table.rows()]]))
    expect(byName.get('curvature')).toHaveLength(2 * 5)
    expect(byName.get('curvature_parameter')!.map(([, name]) => name)).toContain('Conv_0/kernel')
  }, 120_000)

  it('is of the objective that was asked for: decay moves eigenvalues by its coefficient, labels change them', async () => {
    const top = async (own: object) => {
      const { findings } = await computed(curvature, { trace_probes: 0, eigenvalues: 1, ...own })
      return findings[0].values
    }
    const plain = await top({})
    const decayed = await top({ hessian_decay: true })
    const labels = await top({ hessian_labels: 'clean' })
    expect(decayed.eigenvalue[0] - plain.eigenvalue[0]).toBeCloseTo(0.01, 4)
    expect(decayed.loss).toBeGreaterThan(plain.loss!)
    expect(labels.loss).toBeLessThan(plain.loss!)
  }, 120_000)

  it('is of the weights that are evaluated, or of those that train where that is asked', async () => {
    const top = async (hessian_weights: 'evaluated' | 'trained') => {
      const { findings } = await computed(curvature, { trace_probes: 0, eigenvalues: 1, hessian_weights })
      return findings.map(({ values }) => values.eigenvalue[0])
    }
    const [evaluated, trained] = [await top('evaluated'), await top('trained')]
    expect(Math.abs(evaluated[0] - evaluated[1])).toBeGreaterThan(0.01)
    expect(trained[0]).toBeCloseTo(evaluated[1], 3)
    expect(trained[1]).toBeCloseTo(evaluated[0], 3)
  }, 120_000)

  it('keeps what it has when it is cancelled', async () => {
    const { findings, cancelled } = await computed(curvature, {}, { cancelAtFirst: true })
    expect(cancelled).toBe(true)
    expect(findings).toHaveLength(1)
    expect(findings[0].values.trace).toBeUndefined()
  }, 120_000)
})

describe('the spectrum', () => {
  it('has of each run nodes and weights of every probe', async () => {
    const { findings } = await computed(spectrum, { spectrum_steps: 6, spectrum_probes: 2 })
    for (const { values } of findings) {
      const quadratures = quadraturesOf(values)
      expect(quadratures).toHaveLength(2)
      for (const { nodes, weights } of quadratures) {
        expect(nodes).toHaveLength(6)
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6)
      }
    }
  }, 120_000)
})
