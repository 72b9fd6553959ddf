import { describe, expect, it } from 'vitest'
import { BasinError } from '../errors'
import { type BatchConfig, BatchStream } from './batchStream'
import type { Dataset, Split } from './dataset'
import { evalBatches } from './evalBatches'

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
  run_seed: 0,
  image_level_augmentations: 'none',
  ...changes,
})

/** The images of a batch that was not augmented. */
const which = (images: Float32Array, count: number) =>
  Array.from({ length: count }, (_, i) => Math.round(images[i * SIZE]))

describe('BatchStream', () => {
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

  it('refuses a batch larger than the training set, naming both numbers', () => {
    const build = () => new BatchStream(dataset, config({ batch_size: 24 }))
    expect(build).toThrow(BasinError)
    expect(build).toThrow('batch_size: at most the number of training images (23), got 24')
    expect(new BatchStream(dataset, config({ batch_size: 23 })).stepsPerEpoch).toBe(1)
  })
})

describe('evalBatches', () => {
  it('goes through a split in order and keeps the remainder', () => {
    const batches = [...evalBatches(dataset, 'test', 4)]
    expect(batches.map((batch) => batch.count)).toEqual([4, 4, 3])
    expect(batches.flatMap((batch) => which(batch.images, batch.count))).toEqual(Array.from(Array(11).keys()))
    expect(batches.flatMap((batch) => [...batch.labels])).toEqual([...dataset.test.labels])
    expect(batches.flatMap((batch) => [...batch.indices])).toEqual(Array.from(Array(11).keys()))
  })

  it('takes chosen images only', () => {
    const batches = [...evalBatches(dataset, 'train', 2, Uint32Array.of(3, 9, 22))]
    expect(batches.map((batch) => which(batch.images, batch.count))).toEqual([[3, 9], [22]])
    expect(batches.map((batch) => [...batch.indices])).toEqual([[3, 9], [22]])
    expect([...evalBatches(dataset, 'train', 2, new Uint32Array(0))]).toEqual([])
  })
})
