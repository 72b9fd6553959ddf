import { describe, expect, it } from 'vitest'
import { BasinError } from '../../../base/errors'
import type { EncodedImages } from '../../../engine/ops/decodeImages/decodeImages'
import { DRAWS_PER_IMAGE, flipPadCrop, PAD } from '../augment/basic'
import type { Dataset, Split } from '../dataset'
import { all } from '../tiny.testing'
import { type BatchConfig, BatchStream } from './batchStream'
import { evalBatches } from './evalBatches'
import { normaliseInto } from './normalise'

const SIDE = 6
const SIZE = SIDE * SIDE

/** Image i is a gradient that begins with pixel value i: an image can be told by its first pixel when not augmented. */
function numbered(count: number): Split {
  const images = Uint8Array.from({ length: count * SIZE }, (_, i) => Math.floor(i / SIZE) + (i % SIZE) * 5)
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10)
  return { images, labels, wrong: new Uint8Array(count), count }
}

const dataset: Dataset = {
  name: 'numbered',
  height: SIDE,
  width: SIDE,
  channels: 1,
  classNames: Array.from({ length: 10 }, (_, i) => String(i)),
  mean: [0],
  std: [1 / 255],
  train: numbered(23),
  test: numbered(11),
}

const config = (changes: Partial<BatchConfig> = {}): BatchConfig => ({
  batch_size: 5,
  full_batch: false,
  run_seed: 0,
  image_level_augmentations: 'none',
  autoaugment_policy: 'auto',
  randaug_num_layers: 2,
  randaug_magnitude: 9,
  scale_translations: false,
  batch_level_augmentations: 'none',
  cutout_length: 2,
  imagenet_mixup_alpha: 0,
  ...changes,
})

/** The images of a batch that was not augmented. */
const which = (images: Float32Array, count: number) =>
  Array.from({ length: count }, (_, i) => Math.round(images[i * SIZE]))

/** Every image that `basic` can make of this one. */
function versionsOf(pixels: Uint8Array): string[] {
  const offsets = Array.from(Array(2 * PAD + 1).keys())
  const draws = [0, 1].flatMap((flip) => offsets.flatMap((top) => offsets.map((left) => [flip, top, left])))
  return draws.map((draw) => {
    const out = new Uint8Array(SIZE)
    flipPadCrop(pixels, dataset, draw, out)
    return out.join()
  })
}

describe('BatchStream', () => {
  it('of full-batch steps shows every image once a step, a last shorter batch too', () => {
    const stream = new BatchStream(dataset, config({ full_batch: true }))
    expect([stream.stepsPerEpoch, stream.batchesPerStep]).toEqual([1, 5])
    for (const step of [0, 3]) {
      const seen: number[] = []
      for (let part = 0; part < 5; part++) {
        const batch = stream.batchAt(5 * step + part)
        expect(batch.count).toBe(part < 4 ? 5 : 3)
        expect(batch.labels).toHaveLength(batch.count)
        which(batch.images, batch.count).forEach((image, i) => {
          seen.push(image)
          expect(batch.labels[i]).toBe(dataset.train.labels[image])
        })
      }
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i))
    }
    expect(new BatchStream(dataset, config({ full_batch: true, batch_size: 4000 })).batchesPerStep).toBe(1)
  })

  it('shows every image at most once an epoch, with its label, and drops the last incomplete batch', () => {
    const stream = new BatchStream(dataset, config())
    expect(stream.stepsPerEpoch).toBe(4)
    const seen: number[] = []
    for (let step = 0; step < 4; step++) {
      const batch = stream.batchAt(step)
      expect(batch.count).toBe(5)
      which(batch.images, 5).forEach((image, i) => {
        seen.push(image)
        expect(batch.labels[i]).toBe(dataset.train.labels[image])
      })
    }
    expect(new Set(seen).size).toBe(20)
  })

  it('another epoch and another seed are other orders; who is dropped changes too', () => {
    const epoch = (seed: number, number: number) => {
      const stream = new BatchStream(dataset, config({ run_seed: seed }))
      return [0, 1, 2, 3].flatMap((k) => which(stream.batchAt(4 * number + k).images, 5))
    }
    expect(epoch(0, 0)).not.toEqual(epoch(0, 1))
    expect(epoch(0, 0)).not.toEqual(epoch(1, 0))
    expect(new Set([0, 1, 2, 3, 4, 5].flatMap((number) => epoch(0, number))).size).toBe(23)
  })

  it.each(['none', 'basic'] as const)(
    '%s: a batch is the same bits whatever was asked before',
    (augmentation) => {
      const settings = config({ image_level_augmentations: augmentation })
      const straight = new BatchStream(dataset, settings)
      const batches = Array.from({ length: 12 }, (_, step) => straight.batchAt(step))
      const jumping = new BatchStream(dataset, settings)
      for (const step of [11, 2, 7, 3, 0, 10, 5]) expect(jumping.batchAt(step)).toEqual(batches[step])
    },
  )

  it('basic changes pixels and neither order nor labels', () => {
    const plain = new BatchStream(dataset, config())
    const basic = new BatchStream(dataset, config({ image_level_augmentations: 'basic' }))
    for (const step of [0, 3, 4]) {
      expect(basic.batchAt(step).labels).toEqual(plain.batchAt(step).labels)
      expect(basic.batchAt(step).images).not.toEqual(plain.batchAt(step).images)
    }
  })

  it('basic draws for every image, epoch and seed anew', () => {
    /** Which of the 2 · 9 · 9 versions each image of the epoch is, by its source image. */
    const versions = (seed: number, epoch: number): Map<number, number> => {
      const settings = config({ run_seed: seed, batch_size: 23 })
      const { images } = new BatchStream(dataset, {
        ...settings,
        image_level_augmentations: 'basic',
      }).batchAt(epoch)
      const sources = which(new BatchStream(dataset, settings).batchAt(epoch).images, 23)
      return new Map(
        sources.map((source, i) => {
          const pixels = dataset.train.images.subarray(source * SIZE, (source + 1) * SIZE)
          const shown = Array.from(images.subarray(i * SIZE, (i + 1) * SIZE), Math.round).join()
          return [source, versionsOf(pixels).indexOf(shown)]
        }),
      )
    }
    const first = versions(0, 0)
    expect([...first.values()]).not.toContain(-1)
    // 23 draws out of 162: some 21 different ones.
    expect(new Set(first.values()).size).toBeGreaterThan(12)
    for (const other of [versions(0, 1), versions(1, 0)]) {
      const same = [...first].filter(([source, version]) => other.get(source) === version)
      expect(same.length).toBeLessThan(6)
    }
    // Nor do the draws go by the position in the batch, epoch after epoch, seed after seed.
    for (const other of [versions(0, 1), versions(1, 0)]) {
      expect([...other.values()]).not.toEqual([...first.values()])
    }
  })

  it('refuses a batch larger than the training set, naming both numbers', () => {
    const build = () => new BatchStream(dataset, config({ batch_size: 24 }))
    expect(build).toThrow(BasinError)
    expect(build).toThrow('batch_size: at most the number of training images (23), got 24')
    expect(new BatchStream(dataset, config({ batch_size: 23 })).stepsPerEpoch).toBe(1)
  })
})

describe('evalBatches', () => {
  it('goes through a split in order and keeps the remainder', async () => {
    const batches = await all(evalBatches(dataset, 'test', 4))
    expect(batches.map((batch) => batch.count)).toEqual([4, 4, 3])
    expect(batches.flatMap((batch) => which(batch.images, batch.count))).toEqual(Array.from(Array(11).keys()))
    expect(batches.flatMap((batch) => [...batch.labels])).toEqual([...dataset.test.labels])
    expect(batches.flatMap((batch) => [...batch.indices])).toEqual(Array.from(Array(11).keys()))
  })

  it('normalises as training does', async () => {
    const normalised = { ...dataset, mean: [0.25], std: [0.5] }
    const [{ images, labels }] = await all(evalBatches(normalised, 'train', 23))
    const expected = Array.from(dataset.train.images, (pixel) => (pixel / 255 - 0.25) / 0.5)
    images.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5)
    })
    const sorted = (values: Float32Array) =>
      Array.from({ length: 23 }, (_, i) => values.subarray(i * SIZE, (i + 1) * SIZE).join()).sort()
    const trained = new BatchStream(normalised, config({ batch_size: 23 })).batchAt(0)
    expect(sorted(trained.images)).toEqual(sorted(images))
    expect([...trained.labels].sort()).toEqual([...labels].sort())
  })

  it('takes chosen images only', async () => {
    const batches = await all(evalBatches(dataset, 'train', 2, Uint32Array.of(3, 9, 22)))
    expect(batches.map((batch) => which(batch.images, batch.count))).toEqual([[3, 9], [22]])
    expect(batches.map((batch) => [...batch.indices])).toEqual([[3, 9], [22]])
    expect(await all(evalBatches(dataset, 'train', 2, new Uint32Array(0)))).toEqual([])
  })
})

/** What a device is to make of encoded images. */
function decoded({ pixels, moves, table }: EncodedImages): Float32Array {
  const images = new Float32Array(pixels.length)
  const moved = new Uint8Array(SIZE)
  for (let i = 0; i < pixels.length / SIZE; i++) {
    const image = pixels.subarray(i * SIZE, (i + 1) * SIZE)
    if (moves)
      flipPadCrop(image, dataset, moves.subarray(DRAWS_PER_IMAGE * i, DRAWS_PER_IMAGE * (i + 1)), moved)
    else moved.set(image)
    normaliseInto(moved, table, images, i * SIZE)
  }
  return images
}

describe('batches that a device decodes', () => {
  it.each(['none', 'basic'] as const)('are the same, augmentation %s', (level) => {
    const stream = new BatchStream(dataset, config({ image_level_augmentations: level }))
    expect(stream.decodable).toBe(true)
    for (const step of [0, 3, 4, 9]) {
      const { images, labels, count } = stream.encodedAt(step)
      const plain = stream.batchAt(step)
      expect(decoded(images as EncodedImages)).toEqual(plain.images)
      expect({ labels, count }).toEqual({ labels: plain.labels, count: plain.count })
    }
  })

  it('are not to be had where more happens to the images', () => {
    const decodable = (changes: Partial<BatchConfig>, set = dataset) =>
      new BatchStream(set, config(changes)).decodable
    expect(decodable({ image_level_augmentations: 'autoaugment' })).toBe(false)
    expect(decodable({ batch_level_augmentations: 'mixcut' })).toBe(true)
    expect(decodable({}, { ...dataset, height: 8, width: 8, stored: { height: SIDE, width: SIDE } })).toBe(
      false,
    )
  })
})
