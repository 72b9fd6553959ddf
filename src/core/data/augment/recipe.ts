/**
 * What a config asks to be done to the images of a data set, as plain data: it can go to another thread, and what it
 * makes of an image depends on it, the step and the image's number alone.
 */

import { BasinError } from '../../../base/errors'
import type { RunConfig } from '../../config/schema'
import { type Dataset, storedShape } from '../dataset'
import { PAD } from './basic'
import type { ImageShape } from './image'
import { AUTOAUGMENT_LIMITS, type PixelLimits, RANDAUGMENT_LIMITS } from './ops'
import type { PolicyName } from './policies'

export type AugmentConfig = Pick<
  RunConfig,
  | 'run_seed'
  | 'image_level_augmentations'
  | 'autoaugment_policy'
  | 'randaug_num_layers'
  | 'randaug_magnitude'
  | 'scale_translations'
  | 'batch_level_augmentations'
  | 'cutout_length'
  | 'imagenet_mixup_alpha'
>

export type PolicyChoice =
  | { kind: 'autoaugment'; policy: PolicyName; limits: PixelLimits }
  | { kind: 'randaugment'; numLayers: number; magnitude: number; limits: PixelLimits }

export interface Recipe {
  seed: number
  /** Of the images as they are stored. */
  stored: ImageShape
  /** Of the images as the network sees them. */
  input: ImageShape
  mean: readonly number[]
  std: readonly number[]
  /** Random crop and resize before everything else, and a flip at the end. */
  imagenet: boolean
  policy?: PolicyChoice
  /** Flip, pad, crop. */
  basic: boolean
  /** α of Beta(α, α); 0 is no mixup. */
  mixupAlpha: number
  /** 0 is no cutout. */
  cutoutLength: number
}

/** Level 10 at 32 pixels a side; the CIFAR policy was learned with it. Source: Cubuk et al. 2019, their CIFAR code. */
const TO_SCALE = 10 / 32

/** @throws BasinError `config` when `basic` is asked of images that are too small to be reflected */
export function recipeOf(config: AugmentConfig, dataset: Dataset): Recipe {
  const level = config.image_level_augmentations
  const batchLevel = config.batch_level_augmentations
  const { height, width, channels, mean, std } = dataset
  const stored = storedShape(dataset)
  const imagenet = dataset.pipeline === 'imagenet'
  const basic = !imagenet && (level === 'basic' || level === 'autoaugment')
  const side = Math.min(stored.height, stored.width)
  if (basic && side <= PAD) {
    throw new BasinError(
      'config',
      `image_level_augmentations: ${level} needs images of more than ${PAD} pixels a side, got ${side}`,
      'Choose none or aa-only.',
    )
  }
  const withPolicy = level === 'autoaugment' || level === 'aa-only'
  const mixes = batchLevel === 'mixup' || batchLevel === 'mixcut'
  return {
    seed: config.run_seed,
    stored,
    input: { height, width, channels },
    mean,
    std,
    imagenet,
    policy: withPolicy ? policyOf(config, dataset, imagenet ? Math.min(height, width) : side) : undefined,
    basic,
    mixupAlpha: imagenet && config.imagenet_mixup_alpha > 0 ? config.imagenet_mixup_alpha : mixes ? 1 : 0,
    cutoutLength: batchLevel === 'cutout' || batchLevel === 'mixcut' ? config.cutout_length : 0,
  }
}

/**
 * Differs: the reference has AutoAugment for CIFAR and SVHN and RandAugment for ImageNet only; here every set may take
 * every policy, images of one channel too, whose Color operation changes nothing.
 */
function policyOf(config: AugmentConfig, { name, pipeline }: Dataset, side: number): PolicyChoice {
  const scaled = { translate: TO_SCALE * side, cutout: TO_SCALE * side }
  const chosen =
    config.autoaugment_policy === 'auto'
      ? ownPolicy(name, pipeline === 'imagenet')
      : config.autoaugment_policy
  if (chosen !== 'randaugment') {
    const limits = config.scale_translations ? scaled : AUTOAUGMENT_LIMITS
    return { kind: 'autoaugment', policy: chosen, limits }
  }
  return {
    kind: 'randaugment',
    numLayers: config.randaug_num_layers,
    magnitude: config.randaug_magnitude,
    limits: config.scale_translations ? scaled : RANDAUGMENT_LIMITS,
  }
}

function ownPolicy(name: string, imagenet: boolean): PolicyName | 'randaugment' {
  if (imagenet) return 'randaugment'
  return name === 'svhn' ? 'svhn' : 'cifar'
}
