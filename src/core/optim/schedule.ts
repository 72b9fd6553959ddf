/** Learning-rate schedules, evaluated per step. */
import type { RunConfig } from '../config/schema'

export type ScheduleConfig = Pick<
  RunConfig,
  'learning_rate' | 'num_epochs' | 'use_learning_rate_schedule' | 'lr_schedule'
>

/** The exponential schedule ends at this share of the base rate. */
const FINAL_SHARE = 0.012

/**
 * base·(½ + ½·cos(π·step/(epochs·stepsPerEpoch))): no warm-up; past the end it comes back up, as the reference's.
 * Source: Loshchilov & Hutter 2017, eq. 5 without restarts.
 */
export function cosineRate(base: number, step: number, numEpochs: number, stepsPerEpoch: number): number {
  return base * (0.5 + 0.5 * Math.cos((Math.PI * step) / (numEpochs * stepsPerEpoch)))
}

/**
 * base·exp(−epoch/λ)·min(1, epoch/warm-up), epoch = step/stepsPerEpoch.
 * Differs: without a warm-up the reference divides 0 by 0 at step 0 and trains on NaN; here the factor is 1.
 */
export function exponentialRate(
  base: number,
  step: number,
  stepsPerEpoch: number,
  lambda: number,
  warmupEpochs = 0,
): number {
  const epoch = step / stepsPerEpoch
  const warmup = warmupEpochs > 0 ? Math.min(1, epoch / warmupEpochs) : 1
  return base * Math.exp(-epoch / lambda) * warmup
}

/** λ that brings the rate to 1.2 % of the base after `numEpochs`. */
export const exponentialLambda = (numEpochs: number): number => -numEpochs / Math.log(FINAL_SHARE)

/** η of the update after `step` completed ones (the first update is step 0). */
export function learningRateAt(config: ScheduleConfig, step: number, stepsPerEpoch: number): number {
  const { learning_rate: base, num_epochs: epochs } = config
  if (!config.use_learning_rate_schedule) return base
  if (config.lr_schedule === 'cosine') return cosineRate(base, step, epochs, stepsPerEpoch)
  return exponentialRate(base, step, stepsPerEpoch, exponentialLambda(epochs))
}
