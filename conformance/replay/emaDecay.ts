/**
 * Kind `ema_decay`: the effective decay at given steps, and the average of a constant through the end of the warm-up.
 * Fields: `warmup=<n>,decay=<d>` with `steps` and `effective_decay`; `…constant_<c>_warm<n>…` with [step, average].
 */
import { emaDecayAt, emaUpdate } from '../../src/core/optim/ema'
import * as tf from '../../src/engine/tf'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, isFields } from './golden'

/** A decay is a float32 below one. */
const TOLERANCE = 1e-6

export function isEmaDecay({ json }: Golden): boolean {
  return isFields(json) && Object.values(json).some((value) => isFields(value) && 'effective_decay' in value)
}

export async function* runEmaDecay({ name, json }: Golden): AsyncGenerator<CaseResult> {
  const checks = new Checks()
  let note: string | undefined
  for (const [key, value] of Object.entries(json as Fields)) {
    if (typeof value === 'string') continue
    if (isFields(value)) compareDecays(checks, key, value as unknown as Decays)
    else if (await compareRunning(checks, key, value as [number, number | null][])) {
      note = 'Differs: no NaN at the end of the warm-up, where the reference divides by 0 when run eagerly'
    }
  }
  yield { name, checks, note }
}

interface Decays {
  steps: number[]
  effective_decay: (number | null)[]
}

function compareDecays(checks: Checks, key: string, { steps, effective_decay }: Decays): void {
  const [, warmup, decay] = /warmup=(\d+),decay=([^,]+)/.exec(key) ?? []
  if (!decay) throw new Unsupported(`${key}: warmup=…,decay=… expected`)
  const ours = steps.map((step) => emaDecayAt(step, Number(decay), Number(warmup)))
  checks.compare(key, ours, effective_decay, TOLERANCE)
}

/** @returns whether the reference's NaN was met; the guarded formula must stay at the constant there */
async function compareRunning(
  checks: Checks,
  key: string,
  rows: readonly [number, number | null][],
): Promise<boolean> {
  const [, constant, warmup] = /constant_([^_]+)_warm(\d+)/.exec(key) ?? []
  if (!warmup) throw new Unsupported(`${key}: …constant_<c>_warm<n>… expected`)
  const target = Number(constant)
  const now = tf.tensor1d([target])
  let average = tf.tensor1d([rows[0]?.[1] ?? target])
  for (const [step, expected] of rows) {
    // The decay of a constant does not matter; any below one will do.
    average = emaUpdate(average, now, tf.scalar(emaDecayAt(step, 0.9999, Number(warmup))))
    checks.scalar(
      `${key} at ${step}`,
      (await average.data())[0],
      expected ?? target,
      TOLERANCE * Math.abs(target),
    )
  }
  return rows.some(([, expected]) => expected === null)
}
