import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import { efficientNet } from '../models/efficientNet'
import { pyramidNet } from '../models/pyramidNet'
import { type Changes, NEUTRAL, sharedOf, trained, VARIANTS, vectorsOf } from './methods.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

const names = Object.keys(VARIANTS)

describe('every method', () => {
  it.each(names)('%s trains, goes its own way and leaves nothing behind', async (name) => {
    const run = await trained(VARIANTS[name])
    expect(run.losses.every(Number.isFinite)).toBe(true)
    expect(run.left).toBe(0)
    const sgd = await trained({ sam_rho: 0 })
    expect(run.theta).not.toEqual(sgd.theta)
    // Statistics are those of the pass at θ; the control has no such pass.
    if (VARIANTS[name].sam_variant !== 'random') expect(run.losses[0]).toBe(sgd.losses[0])
  })

  it.each(names)('%s goes on after an interruption to the same bits', async (name) => {
    const whole = await trained(VARIANTS[name])
    for (const resumeAt of [1, 4, 6]) {
      expect(vectorsOf(await trained(VARIANTS[name], { resumeAt }))).toEqual(vectorsOf(whole))
    }
  })

  it.each(names)('%s with RMSProp, an average, label smoothing and no decay on norms', async (name) => {
    const settings: Changes = {
      ...VARIANTS[name],
      use_rmsprop: true,
      learning_rate: 0.01,
      ema_decay: 0.9,
      label_smoothing: 0.1,
      no_weight_decay_on_bn: true,
    }
    const whole = await trained(settings)
    expect(whole.losses.every(Number.isFinite)).toBe(true)
    expect(whole.ema!.theta).not.toEqual(whole.theta)
    expect(vectorsOf(await trained(settings, { resumeAt: 5 }))).toEqual(vectorsOf(whole))
  })

  it.each(names)('%s while fine-tuning leaves the statistics alone', async (name) => {
    const run = await trained({ ...VARIANTS[name], from_pretrained_checkpoint: true })
    expect(run.losses.every(Number.isFinite)).toBe(true)
    expect(new Set(run.batchStats)).toEqual(new Set([0, 1]))
  })
})

describe('a method at its neutral value is its plain relative, bit for bit', () => {
  it.each(NEUTRAL)('%s', async (_, changed, relative) => {
    expect(sharedOf(await trained(changed))).toEqual(sharedOf(await trained(relative)))
  })
})

describe('replicas', () => {
  const every = [
    'sam',
    'sam, three ascents',
    'asam',
    'gsam',
    'friendly',
    'look',
    'norm_only',
    'random',
    'friendly, late',
  ]

  it.each(every)('%s: that share a perturbation are one batch, where statistics stay', async (name) => {
    const settings: Changes = { ...VARIANTS[name], from_pretrained_checkpoint: true }
    const whole = await trained(settings)
    const together = await trained({ ...settings, num_replicas: 4, sync_perturbations: true })
    const largest = Math.max(...whole.theta.map((value, i) => Math.abs(value - together.theta[i])))
    expect(largest).toBeLessThan(2e-6)
  })

  it.each(every)('%s: groups have perturbations of their own, and go on bit for bit', async (name) => {
    const settings: Changes = {
      ...VARIANTS[name],
      num_replicas: 4,
      sync_perturbations: true,
      inner_group_size: 2,
    }
    const whole = await trained(settings)
    expect(whole.losses.every(Number.isFinite)).toBe(true)
    expect(whole.left).toBe(0)
    const resumed = await trained(settings, { resumeAt: 4 })
    expect(whole.replicaStats).toBeDefined()
    expect(vectorsOf(resumed)).toEqual(vectorsOf(whole))
  })

  const shared = efficientNet([4, 4, 1], 3, {
    name: 'tiny',
    width: 0.1,
    depth: 0.3,
    resolution: 4,
    dropout: 0.2,
  })
  it.each(['gsam', 'friendly', 'look'])('%s where batch norm looks at all of them', async (name) => {
    const settings: Changes = { ...VARIANTS[name], num_replicas: 2 }
    const whole = await trained(settings, { network: shared, steps: 3 })
    expect(whole.losses.every(Number.isFinite)).toBe(true)
    const resumed = await trained(settings, { network: shared, steps: 3, resumeAt: 2 })
    expect(vectorsOf(resumed)).toEqual(vectorsOf(whole))
  })

  const gated = pyramidNet([4, 4, 1], 3, { name: 'tiny', depth: 11, alpha: 3 })
  it.each(['gsam', 'friendly', 'look', 'asam', 'random'])('%s on a network with gates', async (name) => {
    const run = await trained(VARIANTS[name], { network: gated, steps: 4 })
    expect(run.losses.every(Number.isFinite)).toBe(true)
    expect(run.left).toBe(0)
  })
})

describe('a perturbation', () => {
  it('of LookSAM across the gradient, and F-SAM’s mean, are kept from step to step', async () => {
    const look = await trained(VARIANTS.look)
    const friendly = await trained(VARIANTS.friendly)
    expect(look.slots.lookDirection.some((value) => value !== 0)).toBe(true)
    expect(friendly.slots.gradientMean.some((value) => value !== 0)).toBe(true)
    const late = await trained({ sam_variant: 'friendly', sam_from: 0.99 })
    expect(late.slots.gradientMean.every((value) => value === 0)).toBe(true)
  })

  it('at random is another at every step and for every seed', async () => {
    const [a, b] = [
      await trained({ sam_variant: 'random' }),
      await trained({ sam_variant: 'random', run_seed: 1 }),
    ]
    expect(a.theta).not.toEqual(b.theta)
  })
})
