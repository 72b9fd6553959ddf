/** Batches under every setting, in one number each: the same in Node and in every browser. */
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { BatchStream } from '../batches/batchStream'
import type { Dataset } from '../dataset'
import { withInput } from '../inputShape'

export const SETTINGS: Record<string, Partial<RunConfig>> = {
  none: {},
  basic: { image_level_augmentations: 'basic' },
  autoaugment: { image_level_augmentations: 'autoaugment' },
  scaled: { image_level_augmentations: 'autoaugment', scale_translations: true },
  svhn: { image_level_augmentations: 'aa-only', autoaugment_policy: 'svhn' },
  randaugment: { image_level_augmentations: 'aa-only', autoaugment_policy: 'randaugment' },
  mixcut: { batch_level_augmentations: 'mixcut' },
  resized: { image_level_augmentations: 'basic', input_size: 21 },
  imagenet: { dataset: 'imagenet', input_size: 24, imagenet_mixup_alpha: 0.2 },
  imagenet_randaugment: { dataset: 'imagenet', input_size: 24, image_level_augmentations: 'autoaugment' },
}

export function dataset(name: string, side: number, count = 24): Dataset {
  const size = side * side * 3
  const images = Uint8Array.from({ length: count * size }, (_, i) => {
    const k = i % size
    return ((Math.imul(Math.floor(i / size) + 1, 40503) >>> 9) % 97) + ((k * 7) % 150)
  })
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
  const split = { images, labels, wrong: new Uint8Array(count), count }
  return {
    name,
    height: side,
    width: side,
    channels: 3,
    classNames: Array.from('0123456789'),
    mean: [0.49, 0.48, 0.45],
    std: [0.25, 0.24, 0.26],
    train: split,
    test: split,
  }
}

export function streamUnder(changes: Partial<RunConfig>, count?: number): BatchStream {
  const config = { ...DEFAULT_CONFIG, dataset: 'cifar10', batch_size: 8, ...changes }
  return new BatchStream(withInput(dataset(config.dataset, 32, count), config), config)
}

/** FNV-1a over the bits of four batches in two epochs. */
export function fingerprint(changes: Partial<RunConfig>): number {
  const stream = streamUnder(changes)
  let hash = 0x811c9dc5
  for (const step of [0, 1, 3, 5]) {
    const { images, labels, mixup } = stream.batchAt(step)
    const bits = new Uint32Array(images.buffer, images.byteOffset, images.length)
    for (const word of bits) hash = Math.imul(hash ^ word, 0x01000193) >>> 0
    for (const label of labels) hash = Math.imul(hash ^ label, 0x01000193) >>> 0
    hash = Math.imul(hash ^ Math.round((mixup ?? 0) * 1e9), 0x01000193) >>> 0
  }
  return hash
}
