/** What the bench prepares: CIFAR-sized images under every augmentation. */

import { randomStream } from '../../src/base/random'
import { DEFAULT_CONFIG, type RunConfig } from '../../src/core/config/schema'
import { BatchStream } from '../../src/core/data/batches/batchStream'
import type { Dataset } from '../../src/core/data/dataset'
import { withInput } from '../../src/core/data/inputShape'
import type { Runner } from '../alternate'

export const SIDE = 32
const COUNT = 2048
const BATCH = 128

/** What a peer is asked for. */
export interface Case {
  augmentation: string
  /** A picture to decode instead. */
  file?: string
  /** Path of the policy's table. */
  policy?: string
}

export const AUGMENTATIONS: readonly { name: string; changes: Partial<RunConfig>; peer?: Case }[] = [
  { name: 'none', changes: {}, peer: { augmentation: 'none' } },
  { name: 'basic', changes: { image_level_augmentations: 'basic' }, peer: { augmentation: 'basic' } },
  {
    // To scale, so that the translations have as much to do as the peers'.
    name: 'autoaugment',
    changes: { image_level_augmentations: 'autoaugment', scale_translations: true },
    peer: { augmentation: 'autoaugment' },
  },
  {
    name: 'randaugment',
    changes: {
      image_level_augmentations: 'aa-only',
      autoaugment_policy: 'randaugment',
      scale_translations: true,
    },
    peer: { augmentation: 'randaugment' },
  },
  { name: 'cutout', changes: { batch_level_augmentations: 'cutout' } },
  { name: 'mixup', changes: { batch_level_augmentations: 'mixup' } },
  { name: 'resize_64', changes: { input_size: 64 }, peer: { augmentation: 'resize' } },
]

function colours(): Dataset {
  const random = randomStream(0, 'noise')
  const images = Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, () => random.int(256))
  const split = { images, labels: new Uint8Array(COUNT), wrong: new Uint8Array(COUNT), count: COUNT }
  return {
    name: 'cifar10',
    height: SIDE,
    width: SIDE,
    channels: 3,
    classNames: Array.from('0123456789'),
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
    train: split,
    test: split,
  }
}

let made: Dataset | undefined

export function augmentationRunner(name: string): Runner['run'] {
  const { changes } = AUGMENTATIONS.find((one) => one.name === name)!
  const config = { ...DEFAULT_CONFIG, batch_size: BATCH, ...changes }
  made ??= colours()
  const stream = new BatchStream(withInput(made, config), config)
  let step = 0
  return async (minMs) => {
    const started = performance.now()
    let steps = 0
    while (performance.now() - started < minMs) {
      stream.batchAt(step++)
      steps += BATCH
    }
    return { steps, ms: performance.now() - started }
  }
}
