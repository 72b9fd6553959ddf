import { expect, it } from 'vitest'
import type { StepMetrics } from './metrics'
import { MetricsBuffer } from './metricsBuffer'

const row = (step: number): StepMetrics => ({
  step,
  loss: 1 / step,
  perturbedLoss: Number.NaN,
  errorRate: 0.5,
  gradientNorm: 2,
  paramNorm: 3,
  learningRate: 0.1,
  gradientEvaluations: 2 * step,
  seconds: step / 10,
})

it('keeps every step while it grows', () => {
  const buffer = new MetricsBuffer(2)
  for (let step = 1; step <= 1000; step++) buffer.push(row(step))
  expect(buffer.length).toBe(1000)
  expect(buffer.at(-1)).toEqual(row(1000))
  expect(buffer.at(0)).toEqual(row(1))
  expect(buffer.at(1000)).toBeUndefined()
  expect([...buffer.columns(998).gradientEvaluations]).toEqual([1998, 2000])
  expect(buffer.recentMean('step', 3)).toBe(999)
})

it('hands out copies: a transferred column does not take the history with it', () => {
  const buffer = new MetricsBuffer()
  buffer.push(row(1))
  buffer.columns().loss[0] = 77
  expect(buffer.at(0)?.loss).toBe(1)
})
