/** Batches that the device prepares have the bits of those that the host prepares. */
import { expect, it } from 'vitest'
import { onWebGpu, taken } from '../../engine/gpu.testing'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { dataset, SETTINGS } from '../data/augment/pixels.testing'
import { BatchStream } from '../data/batches/batchStream'
import type { Dataset } from '../data/dataset'
import { uploadBatch } from './deviceBatch'

onWebGpu()

const CASES: Record<string, Partial<RunConfig>> = {
  none: {},
  basic: SETTINGS.basic,
  cutout: { batch_level_augmentations: 'cutout', cutout_length: 9 },
  mixup: { batch_level_augmentations: 'mixup' },
  everything: {
    image_level_augmentations: 'basic',
    batch_level_augmentations: 'mixcut',
    cutout_length: 16,
  },
}

/** One channel, and images whose bytes do not fill words. */
function grey(): Dataset {
  const colours = dataset('fashion_mnist', 32, 30)
  const size = 27 * 29
  const images = colours.train.images.slice(0, 30 * size)
  const split = { ...colours.train, images }
  return {
    ...colours,
    height: 27,
    width: 29,
    channels: 1,
    mean: [0.29],
    std: [0.35],
    train: split,
    test: split,
  }
}

const SETS = [dataset('cifar10', 32, 30), grey()]

it.each(Object.entries(CASES))('%s', async (_, changes) => {
  for (const set of SETS) {
    const config = { ...DEFAULT_CONFIG, batch_size: 9, ...changes }
    const stream = new BatchStream(set, config)
    expect(stream.decodable).toBe(true)
    for (const step of [0, 1, 5]) {
      const host = stream.batchAt(step)
      const device = stream.encodedAt(step)
      expect(device.mixup).toBe(host.mixup)
      const [images, labels] = [device, host].map((batch) => uploadBatch(batch, set))
      const both = await taken([images.images, labels.images, images.labels, labels.labels])
      const bits = both.map((values) => new Int32Array(values.buffer, values.byteOffset, values.length))
      expect(bits[0].findIndex((word, k) => word !== bits[1][k])).toBe(-1)
      expect(both[2]).toEqual(both[3])
      expect(new Int32Array(host.images.buffer).findIndex((word, k) => word !== bits[0][k])).toBe(-1)
    }
  }
})
