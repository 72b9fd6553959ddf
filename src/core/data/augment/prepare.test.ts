import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { DEFAULT_CONFIG } from '../../config/schema'
import { evalBatches } from '../batches/evalBatches'
import { normalisationTable } from '../batches/normalise'
import { withInput } from '../inputShape'
import { all } from '../tiny.testing'
import { cutout, mixup } from './batchLevel'
import { drawBeta } from './beta'
import { blankHint, wipedShare } from './blankHint'
import { GREY } from './image'
import { PINNED } from './pixels.pinned.testing'
import { dataset, fingerprint, SETTINGS, streamUnder } from './pixels.testing'
import { recipeOf } from './recipe'

const SIZE = 32 * 32 * 3

describe('batches', () => {
  it.each(Object.entries(SETTINGS))('%s: the same bits as ever', (name, changes) => {
    expect(fingerprint(changes)).toBe(PINNED[name])
  })

  it.each(Object.entries(SETTINGS))('%s: a step is the same whatever was asked before', (_, changes) => {
    const straight = streamUnder(changes)
    const batches = [0, 1, 2, 3, 4, 5].map((step) => straight.batchAt(step))
    const jumping = streamUnder(changes)
    for (const step of [5, 0, 3, 3, 1, 4, 2]) {
      const { images, ...rest } = jumping.batchAt(step)
      const { images: expected, ...others } = batches[step]
      // toEqual takes a quarter of a second for as many numbers.
      expect(images.every((value, k) => value === expected[k])).toBe(true)
      expect(rest).toEqual(others)
    }
  })

  it('another seed and another epoch are other pixels', () => {
    const changes = SETTINGS.autoaugment
    expect(fingerprint({ ...changes, run_seed: 1 })).not.toBe(fingerprint(changes))
    const stream = streamUnder({ image_level_augmentations: 'aa-only' }, 8)
    const shown = [0, 1, 2, 3].map((epoch) => {
      const { images, labels } = stream.batchAt(epoch)
      const at = labels.indexOf(3)
      return images.slice(at * SIZE, (at + 1) * SIZE).join()
    })
    expect(new Set(shown).size).toBeGreaterThan(1)
  })

  it('the policy is drawn by image, not by place: neighbours in a batch change nothing', () => {
    const changes = { image_level_augmentations: 'aa-only', scale_translations: true } as const
    const small = streamUnder({ ...changes, batch_size: 4 })
    const large = streamUnder({ ...changes, batch_size: 12 })
    const halves = [0, 1, 2].flatMap((step) => [...small.batchAt(step).images])
    expect(halves).toEqual([...large.batchAt(0).images])
  })

  it('aa-only is autoaugment without flips and crops', () => {
    const basic = streamUnder({ image_level_augmentations: 'basic', batch_size: 24 }).batchAt(0).images
    const both = streamUnder({ image_level_augmentations: 'autoaugment', batch_size: 24 }).batchAt(0).images
    const policy = streamUnder({ image_level_augmentations: 'aa-only', batch_size: 24 }).batchAt(0).images
    const plain = streamUnder({ batch_size: 24 }).batchAt(0).images
    let untouched = 0
    for (let i = 0; i < 24; i++) {
      const of = (images: Float32Array) => images.slice(i * SIZE, (i + 1) * SIZE)
      if (of(policy).join() !== of(plain).join()) continue
      untouched++
      expect(of(both)).toEqual(of(basic))
    }
    expect(untouched).toBeGreaterThan(2)
    expect(untouched).toBeLessThan(24)
  })

  it('translations wipe about as many images as the hint says', () => {
    const changes = { image_level_augmentations: 'aa-only', batch_size: 24 } as const
    const stream = streamUnder(changes)
    const table = normalisationTable(dataset('cifar10', 32))
    const grey = [0, 1, 2].map((c) => table[256 * c + GREY])
    let wiped = 0
    let all = 0
    for (let epoch = 0; epoch < 60; epoch++) {
      const { images } = stream.batchAt(epoch)
      for (let i = 0; i < 24; i++, all++) {
        const image = images.subarray(i * SIZE, (i + 1) * SIZE)
        if (image.every((value, k) => value === grey[k % 3])) wiped++
      }
    }
    const expected = wipedShare(stream.recipe.policy!, 32, 32)
    expect(Math.abs(wiped / all - expected)).toBeLessThan(5 * Math.sqrt(expected / all))
    expect(blankHint(stream.recipe)).toContain(`${Math.round(100 * expected)} %`)
    expect(blankHint(streamUnder({ ...changes, scale_translations: true }).recipe)).toBeUndefined()
    expect(blankHint(streamUnder({}).recipe)).toBeUndefined()
  })

  it('mixup blends labels as it blends images, mixcut cuts as well', () => {
    const plain = streamUnder({})
    const mixed = streamUnder({ batch_level_augmentations: 'mixup' })
    const cut = streamUnder({ batch_level_augmentations: 'mixcut', cutout_length: 16 })
    for (const step of [0, 1, 2]) {
      const { images, labels, mixup: share } = mixed.batchAt(step)
      const expected = plain.batchAt(step).images
      mixup(expected, 8, share!)
      expect(images).toEqual(expected)
      expect(labels).toEqual(plain.batchAt(step).labels)
      const both = cut.batchAt(step)
      expect(both.mixup).toBe(share)
      const zeroed = both.images.map((value, k) => (value === images[k] ? 0 : 1))
      const places = [...zeroed.keys()].filter((k) => zeroed[k] === 1 || both.images[k] === 0)
      expect(places.length).toBeGreaterThanOrEqual(8 * 8 * 8 * 3)
      expect(places.every((k) => both.images[k] === 0)).toBe(true)
    }
  })

  it('a set of one channel may have a policy, and too small images no crops', () => {
    const config = { ...DEFAULT_CONFIG, image_level_augmentations: 'autoaugment' } as const
    const grey = { ...dataset('fashion_mnist', 28), channels: 1, mean: [0.13], std: [0.31] }
    expect(recipeOf(config, grey).policy).toMatchObject({ kind: 'autoaugment', policy: 'cifar' })
    const tiny = { ...grey, height: 4, width: 4 }
    expect(() => recipeOf(config, tiny)).toThrow('more than 4 pixels a side, got 4')
    expect(() => recipeOf({ ...config, image_level_augmentations: 'aa-only' }, tiny)).not.toThrow()
  })

  it('SVHN has its own policy, ImageNet RandAugment, unless another is named', () => {
    const config = { ...DEFAULT_CONFIG, image_level_augmentations: 'autoaugment' } as const
    expect(recipeOf(config, dataset('svhn', 32)).policy).toMatchObject({ policy: 'svhn' })
    const photographs = withInput(dataset('imagenet', 32), config)
    expect(photographs).toMatchObject({ height: 224, stored: { height: 32 }, pipeline: 'imagenet' })
    expect(recipeOf(config, photographs).policy).toMatchObject({ kind: 'randaugment', numLayers: 2 })
    const named = { ...config, autoaugment_policy: 'imagenet' } as const
    expect(recipeOf(named, photographs).policy).toMatchObject({ policy: 'imagenet' })
    const efficient = { ...config, model_name: 'efficientnet-b3' } as const
    expect(withInput(photographs, efficient).height).toBe(300)
  })
})

describe('evaluation of resized sets', () => {
  it('whole images are resized after normalisation, photographs cropped at the centre', async () => {
    const config = { ...DEFAULT_CONFIG, input_size: 24 }
    const small = withInput(dataset('cifar10', 32), config)
    const [{ images }] = await all(evalBatches(small, 'test', 4))
    expect(images.length).toBe(4 * 24 * 24 * 3)
    const trained = streamUnder({ input_size: 24, batch_size: 24 }).batchAt(0).images
    const rows = (values: Float32Array, count: number) =>
      Array.from({ length: count }, (_, i) => values.slice(i * 1728, (i + 1) * 1728).join())
    for (const row of rows(images, 4)) expect(rows(trained, 24)).toContain(row)
    const photographs = withInput(dataset('imagenet', 32), config)
    const [cropped] = await all(evalBatches(photographs, 'test', 4))
    expect(cropped.images.length).toBe(4 * 24 * 24 * 3)
    expect(cropped.images).not.toEqual(images)
  })
})

describe('mixup’s share', () => {
  it.each([0.05, 0.2, 1, 3])('Beta(%f, same): mean and variance', (alpha) => {
    const random = randomStream(7, 'mixing')
    const draws = Array.from({ length: 20_000 }, () => drawBeta(alpha, random))
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...draws)).toBeLessThanOrEqual(1)
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015)
    expect(variance / (1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 1)
  })
})

describe('cutout', () => {
  it('hangs over edges, and an odd side counts one less', () => {
    const shape = { height: 5, width: 6, channels: 1 }
    const ones = new Float32Array(60).fill(1)
    cutout(ones, shape, 5, { row: 0, column: 5 })
    for (const first of [0, 30]) {
      const zeros = [...ones.subarray(first, first + 30).keys()].filter((i) => ones[first + i] === 0)
      expect(zeros).toEqual([3, 4, 5, 9, 10, 11])
    }
  })
})
