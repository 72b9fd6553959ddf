/** A run of made-up numbers, for tests. */
import { VERSION } from '../../base/version'
import { DEFAULT_CONFIG } from '../config/schema'
import type { EdgeMetrics, EvalMetrics, StepMetrics } from '../runs/metrics'
import type { CheckpointContents } from './checkpoints'
import { RUN_FORMAT, type RunRecord } from './record'

export const record: RunRecord = {
  format: RUN_FORMAT,
  id: 'abcd1234',
  name: 'quiet-bay-1',
  notes: '',
  pinned: false,
  hidden: false,
  experiment: 'one',
  key: 'sam',
  label: 'SAM',
  config: { ...DEFAULT_CONFIG, runs: '' },
  session: DEFAULT_CONFIG,
  version: VERSION,
  device: 'cpu',
  created: '2026-01-01T00:00:00.000Z',
  updated: '2026-01-01T00:00:00.000Z',
  state: 'running',
  step: 0,
  stepsPerEpoch: 2,
  totalSteps: 8,
  numParams: 3,
  data: { numTrain: 4, numTest: 10, numClasses: 2, classNames: ['a', 'b'], numWrongLabels: 1 },
}

export const row = (step: number): StepMetrics => ({
  step,
  loss: 1 / step,
  perturbedLoss: step % 2 ? Number.NaN : 1 / step + 0.1,
  errorRate: 0.5,
  gradientNorm: 0.1 + step,
  paramNorm: Math.PI,
  learningRate: 0.02,
  gradientEvaluations: 2 * step,
  seconds: step / 3,
})

export const evaluation = (step: number): EvalMetrics => ({
  step,
  epoch: step / 2,
  seconds: step / 3,
  gradientEvaluations: 2 * step,
  testLoss: 0.25,
  testErrorRate: 1 / step,
  testCount: 10,
  testIsWhole: true,
  memorised: 0.125,
})

export const edge = (step: number): EdgeMetrics => ({
  step,
  epoch: step / 2,
  seconds: step / 3,
  gradientEvaluations: 2 * step,
  topEigenvalue: 38.25 + step,
  topEigenvalueResidual: 0.1,
  edgeGradientNorm: 1 / 3,
  stabilityEdge: 40,
  edgeSeconds: step / 7,
})

/** Three weights in one tensor. */
export const checkpointOf = (step: number): CheckpointContents => ({
  network: {
    name: 'mlp',
    params: { entries: [{ name: 'w', shape: [3], offset: 0, size: 3 }], size: 3 },
    stats: { entries: [], size: 0 },
  },
  config: record.config,
  snapshot: {
    theta: Float32Array.of(1, 2, step),
    batchStats: new Float32Array(),
    slots: { momentum: Float32Array.of(0, 0, 1) },
    step,
    gradientEvaluations: 2 * step,
    seconds: step / 3,
    evaluatedAt: step,
  },
  device: 'cpu',
  finished: false,
  stepsPerEpoch: 2,
})
