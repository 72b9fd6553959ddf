/** A golden's reference flags as the hyperparameters of our step. */
import { EMA_WARMUP_STEPS } from '../../src/core/optim/ema'
import { optimizerOf } from '../../src/core/optim/optimizers'
import { replicasOf } from '../../src/core/step/replicas'
import type { StepHyper } from '../../src/core/step/types'
import { Unsupported } from './checks'
import { type Fields, isFields } from './golden'

/** Flags that say nothing about a step. */
const WITHOUT_EFFECT = new Set([
  'compute_top_5_error_rate',
  'use_additional_skip_connections',
  'learning_rate',
  'weight_decay',
  'lr_schedule',
  'use_learning_rate_schedule',
  'num_epochs',
  'batch_size',
  'run_seed',
  'evaluate_every',
  'also_eval_on_training_set',
])

/** The reference's defaults (its flags file). */
const DEFAULTS = {
  sam_rho: 0,
  gradient_clipping: 5,
  label_smoothing: 0,
  no_weight_decay_on_bn: false,
  use_rmsprop: false,
  ema_decay: 0,
  sync_perturbations: false,
  inner_group_size: null as number | null,
}

/**
 * @param weightDecay the case's own, not a flag in these goldens
 * @throws Unsupported for a flag that would change the step in a way this version lacks
 */
export function hyperOfFlags(
  flags: Fields,
  weightDecay: number,
  emaWarmupSteps: unknown = EMA_WARMUP_STEPS,
  num_replicas = 1,
): StepHyper {
  for (const [name, value] of Object.entries(flags)) {
    const off = value === null || value === false || value === 0 || value === 'none'
    if (!(name in DEFAULTS) && !WITHOUT_EFFECT.has(name) && !off) {
      throw new Unsupported(`flag ${name} = ${JSON.stringify(value)}`)
    }
  }
  const all = { ...DEFAULTS, ...flags } as typeof DEFAULTS
  return {
    sam_rho: all.sam_rho,
    weightDecay,
    noWeightDecayOnBn: all.no_weight_decay_on_bn,
    labelSmoothing: all.label_smoothing,
    gradientClipping: all.gradient_clipping,
    optimizer: optimizerOf(all),
    emaDecay: all.ema_decay,
    emaWarmupSteps: typeof emaWarmupSteps === 'number' ? emaWarmupSteps : EMA_WARMUP_STEPS,
    replicas: replicasOf({ ...all, num_replicas }),
  }
}

/** A number that stands in a field, or in the sentence that describes the golden (`weight decay 0.01`). */
export function numberOf(fields: Fields[], names: string[], sentence: string, pattern: RegExp): number {
  for (const candidate of fields) {
    for (const name of names) if (typeof candidate[name] === 'number') return candidate[name]
  }
  const value = Number(pattern.exec(sentence)?.[1] ?? Number.NaN)
  if (Number.isNaN(value)) throw new Unsupported(`${names[0]}: neither a field nor in the description`)
  return value
}

/** A number as these descriptions write it: `.001`, `0.1`, `1e-3`. */
export const NUMBER = String.raw`(-?\d*\.?\d+(?:e[-+]?\d+)?)`

/** How many replicas a case ran on: its field, else the length of its per-step lists. */
export function replicaCount(fields: Fields): number {
  if (typeof fields.replicas === 'number') return fields.replicas
  const first = Array.isArray(fields.per_step) ? fields.per_step[0] : undefined
  const loss = isFields(first) ? first.train_loss : undefined
  return Array.isArray(loss) ? loss.length : 1
}

/** A per-step number: one, or a list of one per replica, of which the step reports the mean. */
export function meanOf(value: number | number[]): number {
  const values = Array.isArray(value) ? value : [value]
  return values.reduce((sum, each) => sum + each, 0) / values.length
}
