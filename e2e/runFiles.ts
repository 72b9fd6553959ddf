/** Run files of made-up numbers, without weights. */
import { zipSync } from 'fflate'
import type { RunConfig } from '../src/core/config/schema'
import { metricsHeader, metricsLine } from '../src/core/library/metricsTable'
import { nameOf } from '../src/core/library/newRecord'
import { type RunRecord, writeRecord } from '../src/core/library/record'
import { record as RECORD } from '../src/core/library/run.testing'
import type { EvalMetrics, StepMetrics } from '../src/core/runs/metrics'

export interface MadeUp {
  seed: number
  rho: number
  steps?: number
  config?: Partial<RunConfig>
  changes?: Partial<RunRecord>
}

/** Losses that fall to a level of the radius and scatter with the seed. */
function rowOf(step: number, { seed, rho }: MadeUp): StepMetrics {
  const scatter = Math.sin(12.9898 * (seed + 1 + 9 * rho) * (step % 97)) * 0.08
  const loss = 2.2 * Math.exp(-step / 40) + 0.25 + rho + Math.abs(scatter)
  return {
    step,
    loss,
    perturbedLoss: loss + 0.05 + 0.4 / (1 + 8 * rho) + Math.abs(scatter),
    errorRate: Math.min(0.9, 0.3 * loss),
    gradientNorm: 1 + scatter,
    paramNorm: 20 + step / 50,
    learningRate: 0.02,
    gradientEvaluations: step * (rho > 0 ? 2 : 1),
    seconds: step * 0.02 * (rho > 0 ? 2 : 1),
  }
}

const errorAt = (step: number, { seed, rho }: MadeUp) =>
  0.5 * Math.exp(-step / 30) + (rho > 0 ? 0.19 : 0.34) + 0.004 * Math.sin(7 * seed + 1 + 50 * rho)

export const idOf = ({ seed, rho }: MadeUp): string => `made-up-${Math.round(1000 * rho)}-${seed}`

/** A run's archive, byte for byte as it goes out again. */
export function runFile(made: MadeUp): Buffer {
  const { steps = 120 } = made
  const record = recordOf(made)
  let metrics = metricsHeader(false)
  let last: EvalMetrics | undefined
  for (let step = 1; step <= steps; step++) {
    last = step % record.stepsPerEpoch === 0 ? evaluationAt(step, made, record.stepsPerEpoch) : undefined
    metrics += metricsLine(record.key, { row: rowOf(step, made), evaluation: last }, false)
  }
  const { gradientEvaluations, seconds, loss, perturbedLoss } = rowOf(steps, made)
  const { testErrorRate, trainErrorRate, memorised } = last!
  const whole: RunRecord = {
    ...record,
    step: steps,
    last: { gradientEvaluations, seconds, gap: perturbedLoss - loss },
    evaluation: { testErrorRate, trainErrorRate, memorised },
    bestTestErrorRate: testErrorRate,
  }
  const text = (value: string) => new TextEncoder().encode(value)
  const files = {
    'config.json': text(`${JSON.stringify(record.config)}\n`),
    'metrics.csv': text(metrics),
    'run.json': writeRecord(whole),
  }
  return Buffer.from(zipSync(files, { level: 0, mtime: new Date('1980-01-01T00:00:00') }))
}

function recordOf(made: MadeUp): RunRecord {
  const { seed, rho, steps = 120 } = made
  const config: RunConfig = {
    ...RECORD.config,
    run_seed: seed,
    sam_rho: rho,
    label_noise: 0.4,
    ...made.config,
  }
  const number = (seed * 7919 + Math.round(rho * 1000) * 104729 + 123456).toString(16).padStart(6, '0')
  return {
    ...RECORD,
    id: idOf(made),
    name: nameOf(`${number}a3c5${seed}1b2d4e6f`),
    label: rho > 0 ? 'SAM' : 'SGD',
    key: rho > 0 ? 'sam' : 'sgd',
    config,
    session: config,
    state: 'finished',
    stepsPerEpoch: steps / 6,
    totalSteps: steps,
    data: { ...RECORD.data, numTrain: 5000, numTest: 10000, numWrongLabels: 2000 },
    created: new Date(Date.UTC(2026, 0, 5, 9, 4 * seed, Math.round(40 * rho))).toISOString(),
    parametersSha256: `${'0123456789abcdef'[seed % 16]}`.repeat(64),
    measured:
      rho > 0 ? { lambda1: 11 + seed / 3, width: 0.9 + seed / 20 } : { lambda1: 85 + seed, width: 0.31 },
    ...made.changes,
  }
}

function evaluationAt(step: number, made: MadeUp, stepsPerEpoch: number): EvalMetrics {
  const testErrorRate = errorAt(step, made)
  const { gradientEvaluations, seconds } = rowOf(step, made)
  return {
    step,
    epoch: step / stepsPerEpoch,
    seconds,
    gradientEvaluations,
    testLoss: 2.2 * testErrorRate,
    testErrorRate,
    testCount: 10000,
    testIsWhole: true,
    trainErrorRate: (made.rho > 0 ? 0.38 : 0.12) + 0.002 * made.seed,
    memorised: (made.rho > 0 ? 0.15 : 0.77) + 0.005 * made.seed,
  }
}
