/**
 * The distribution of every initial weight, by the reference's rules: mean, variance, bounds and the whole
 * distribution function. Seeded, so that a bound of five standard errors, from theory, is met always or never.
 */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import type { ModelName } from '../config/models'
import { DEFAULT_CONFIG } from '../config/schema'
import type { Network, ParamEntry } from './network'
import { createNetwork } from './registry'

/** A distribution with mean 0 and variance 1. */
interface Standard {
  /** E[x⁴]: the variance of a sample's variance is (κ − 1)/n. */
  kurtosis: number
  bound: number
  cumulative(x: number): number
}

/** Abramowitz & Stegun 1964, 7.1.26; off by at most 1.5e-7. */
function normalCumulative(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2)
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const upper = (series * Math.exp((-x * x) / 2)) / 2
  return x > 0 ? 1 - upper : upper
}

const DENSITY_AT_2 = Math.exp(-2) / Math.sqrt(2 * Math.PI)
const MASS_WITHIN_2 = 1 - 2 * normalCumulative(-2)
/** Moments of a normal cut off at ±2, by parts: E[xᵏ⁺²] = (k + 1)·E[xᵏ] − 2·2ᵏ⁺¹·φ(2)/mass. */
const CUT_VARIANCE = 1 - (4 * DENSITY_AT_2) / MASS_WITHIN_2
const CUT_FOURTH = 3 * CUT_VARIANCE - (16 * DENSITY_AT_2) / MASS_WITHIN_2

const NORMAL: Standard = { kurtosis: 3, bound: Number.POSITIVE_INFINITY, cumulative: normalCumulative }
const TRUNCATED: Standard = {
  kurtosis: CUT_FOURTH / CUT_VARIANCE ** 2,
  bound: 2 / Math.sqrt(CUT_VARIANCE),
  cumulative: (x) => (normalCumulative(x * Math.sqrt(CUT_VARIANCE)) - normalCumulative(-2)) / MASS_WITHIN_2,
}
const UNIFORM: Standard = {
  kurtosis: 9 / 5,
  bound: Math.sqrt(3),
  cumulative: (x) => (x + Math.sqrt(3)) / (2 * Math.sqrt(3)),
}

type Rule = [Standard, variance: number]

const fanIn = (shape: readonly number[]) => shape.slice(0, -1).reduce((a, b) => a * b, 1)
/** kernel height × kernel width × channels out, which are one for a depthwise kernel. */
const fanOut = ([height, width, , out]: readonly number[]) => height * width * out
const byClasses = ({ shape }: ParamEntry): Rule => [UNIFORM, 1 / (3 * shape[1])]

// As the reference's models have them (sam_jax/models, sam_jax/imagenet_models, sam_jax/efficientnet). Of a family one
// network shows them all.
const RULES: [ModelName, number, (entry: ParamEntry) => Rule][] = [
  ...(['WideResnet_mini', 'WideResnet_ShakeShake_mini', 'Pyramid_ShakeDrop_mini'] as const).map(
    (name): (typeof RULES)[number] => [
      name,
      32,
      (entry) => (entry.role === 'dense' ? byClasses(entry) : [NORMAL, 2 / fanOut(entry.shape)]),
    ],
  ),
  ['Resnet50', 224, ({ shape }) => [TRUNCATED, 1 / fanIn(shape)]],
  [
    'efficientnet-b0',
    224,
    (entry) => (entry.role === 'dense' ? byClasses(entry) : [TRUNCATED, 2 / fanOut(entry.shape)]),
  ],
]

const CLASSES = 100
/** A tensor's share of the pool; larger ones are cut short, since every number is drawn alike. */
const DRAWN = 20_000
/** Fewer say nothing of a variance. */
const ENOUGH = 100
const STANDARD_ERRORS = 5
/** A Kolmogorov–Smirnov statistic √n·D above this has probability 2·exp(−2·2²) = 0.0007. */
const KOLMOGOROV = 2

function build(model_name: ModelName, side: number): Network {
  return createNetwork({ ...DEFAULT_CONFIG, model_name }, { height: side, width: side, channels: 3 }, CLASSES)
}

describe('initial weights', () => {
  it.each(RULES)('of %s have the reference’s distributions', (name, side, ruleOf) => {
    const random = randomStream(1, 'init')
    const pools = new Map<Standard, number[]>()
    for (const entry of build(name, side).params.entries) {
      if (entry.role === 'bias' || entry.role === 'scale') continue
      const [standard, variance] = ruleOf(entry)
      const drawn = new Float32Array(Math.min(entry.size, DRAWN))
      entry.init(drawn, entry.shape, random)
      const values = Array.from(drawn, (value) => value / Math.sqrt(variance))
      if (values.length >= ENOUGH) momentsAgree(entry.name, values, standard)
      pools.set(standard, (pools.get(standard) ?? []).concat(values))
    }
    for (const [standard, values] of pools) {
      expect(Math.sqrt(values.length) * distance(values, standard)).toBeLessThan(KOLMOGOROV)
      // No wider than the bound, and as wide as so many draws make it.
      if (Number.isFinite(standard.bound)) {
        const widest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        expect(widest).toBeLessThanOrEqual(standard.bound * (1 + 1e-6))
        expect(widest).toBeGreaterThan(0.999 * standard.bound)
      }
    }
  })

  it.each(RULES)(
    'of %s have zero biases and a scale of one, but zero where a ResNet’s branch ends',
    (name, side) => {
      const random = randomStream(1, 'init')
      let zeroScales = 0
      for (const { name: path, role, init, size, shape } of build(name, side).params.entries) {
        if (role !== 'bias' && role !== 'scale') continue
        const values = new Float32Array(size).fill(7)
        init(values, shape, random)
        // In a bottleneck the numbers of unnamed children are 0 to 5; the last is its third norm's.
        const ends = name === 'Resnet50' && /BatchNorm_5\/scale$/.test(path)
        if (ends) zeroScales++
        expect(new Set(values), path).toEqual(new Set([role === 'scale' && !ends ? 1 : 0]))
      }
      expect(zeroScales).toBe(name === 'Resnet50' ? 3 + 4 + 6 + 3 : 0)
    },
  )
})

function momentsAgree(name: string, values: readonly number[], { kurtosis }: Standard): void {
  const n = values.length
  const mean = values.reduce((a, b) => a + b) / n
  const square = values.reduce((sum, value) => sum + value * value, 0) / n
  expect(Math.abs(mean), `${name}: mean`).toBeLessThan(STANDARD_ERRORS / Math.sqrt(n))
  expect(Math.abs(square - 1), `${name}: variance`).toBeLessThan(
    STANDARD_ERRORS * Math.sqrt((kurtosis - 1) / n),
  )
}

/** Largest difference between the sample's distribution function and the rule's. */
function distance(values: readonly number[], { cumulative }: Standard): number {
  const sorted = Float64Array.from(values).sort()
  return sorted.reduce((most, value, i) => {
    const expected = cumulative(value)
    return Math.max(most, expected - i / sorted.length, (i + 1) / sorted.length - expected)
  }, 0)
}
