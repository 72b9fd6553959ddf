/** What a `train_loop_linear` golden says, in fields and in words, about its data, initial weights and schedule. */
import type { ScheduleConfig } from '../../src/core/optim/schedule'
import type { DeviceBatch } from '../../src/core/step/types'
import * as tf from '../../src/engine/tf'
import { Unsupported } from './checks'
import { NUMBER, numberOf } from './flags'
import type { Fields, Tensors } from './golden'
import { labelRows } from './vectors'

export interface Samples {
  /** [count, inputs] */
  images: Float32Array
  /** [count] */
  labels: Int32Array
  count: number
  inputs: number
  classes: number
}

export interface LoopSetting {
  samples: Samples
  /** True where the golden does not store its samples. */
  recovered: boolean
  /** One epoch's batches, in order. */
  batches: { from: number; to: number }[]
  kernel: number[]
  bias: number[]
  weightDecay: number
  schedule: ScheduleConfig
  /** What the schedule counts as an epoch, which need not be the number of batches. */
  stepsPerEpoch: number
}

/** @throws Unsupported when something is neither a field nor in the description */
export function settingOf(json: Fields, flags: Fields, tensors: Tensors): LoopSetting {
  const text = String(json.what ?? '')
  const fields = [flags, json]
  const number = (names: string[], pattern: string) => numberOf(fields, names, text, new RegExp(pattern))
  const kernel = listAfter(text, 'kernel')
  const bias = listAfter(text, 'bias')
  const classes = bias.length
  const inputs = kernel.length / classes
  const stored = storedSamples(tensors, inputs, classes)
  const samples = stored ?? recoveredSamples(number(['num_samples'], `${NUMBER} samples`), inputs, classes)
  const sizes = (/batches of ([\d, ]+\d)/.exec(text)?.[1] ?? '').split(',').map(Number)
  if (sizes.reduce((a, b) => a + b, 0) !== samples.count) {
    throw new Unsupported(`batches of ${sizes}: they do not add up to ${samples.count} samples`)
  }
  const schedule = /exponential/.test(String(flags.lr_schedule ?? text)) ? 'exponential' : 'cosine'
  return {
    samples,
    recovered: stored === undefined,
    batches: sizes.map((size, i) => {
      const from = sizes.slice(0, i).reduce((a, b) => a + b, 0)
      return { from, to: from + size }
    }),
    kernel,
    bias,
    weightDecay: number(['weight_decay'], `weight[_ ]decay ${NUMBER}`),
    schedule: {
      learning_rate: number(['learning_rate'], `\\blr ${NUMBER}`),
      num_epochs: number(['num_epochs'], `${NUMBER} epochs`),
      use_learning_rate_schedule: flags.use_learning_rate_schedule !== false,
      lr_schedule: schedule,
    },
    stepsPerEpoch: number(['steps_per_epoch_for_schedule'], `floor\\(\\S+\\) ?= ?${NUMBER}`),
  }
}

/** The numbers of `<word> [[.3,-.2]]`, flattened. */
function listAfter(text: string, word: string): number[] {
  const [, list] = new RegExp(`\\b${word} (\\[[^a-z]*\\])`).exec(text) ?? []
  const numbers = [...(list ?? '').matchAll(new RegExp(NUMBER, 'g'))].map(([value]) => Number(value))
  if (numbers.length === 0) throw new Unsupported(`initial ${word}: not in the description`)
  return numbers
}

function storedSamples(tensors: Tensors, inputs: number, classes: number): Samples | undefined {
  const images = tensors.get('images')
  const labels = tensors.get('labels')
  if (!images || !labels) return undefined
  return {
    images: Float32Array.from(images.data),
    labels: Int32Array.from(labels.data),
    count: labels.data.length,
    inputs,
    classes,
  }
}

/**
 * The golden names its samples (“40 samples in order”) and does not store them. They were recovered from its numbers:
 * with x = 1, 1.05, 1.1, … in class 0 and then the same with a minus in class 1, the final losses of its runs come out
 * to 2e-8 and so does the first epoch's mean loss, which depends on the order; no other arrangement tried came nearer
 * than 2e-4.
 */
function recoveredSamples(count: number, inputs: number, classes: number): Samples {
  if (inputs !== 1 || classes !== 2 || count % 2 !== 0) throw new Unsupported('its samples are not stored')
  const half = count / 2
  return {
    images: Float32Array.from({ length: count }, (_, i) => (i < half ? 1 : -1) * (1 + 0.05 * (i % half))),
    labels: Int32Array.from({ length: count }, (_, i) => (i < half ? 0 : 1)),
    count,
    inputs,
    classes,
  }
}

export function batchOf(samples: Samples, { from, to }: { from: number; to: number }): DeviceBatch {
  const { inputs, classes, images, labels } = samples
  const count = to - from
  return {
    images: tf.tensor4d(images.slice(from * inputs, to * inputs), [count, 1, 1, inputs]),
    labels: tf.tensor2d(labelRows(labels.subarray(from, to), count, classes), [count, classes]),
  }
}
