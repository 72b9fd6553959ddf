/** Images of a data set for the page to show: by split and class, with a run's label noise, and augmented. */

import { BasinError } from '../../base/errors'
import { flagOf } from '../../core/config/flags'
import type { RunConfig } from '../../core/config/schema'
import { BatchStream } from '../../core/data/batches/batchStream'
import { openDataset } from '../../core/data/catalog/manifests'
import type { Dataset } from '../../core/data/dataset'
import { withInput } from '../../core/data/inputShape'
import type { Labels } from '../../core/data/labels'
import { loadDataset } from '../../core/data/loadDataset'
import type { OpenDataset } from '../../core/data/openDataset'
import { withLabelNoise } from '../../core/data/selection/labelNoise'
import type { ImageReader } from '../../core/data/shards/imageReader'
import { lazyImages } from '../../core/data/shards/lazyImages'
import type { DataPorts } from '../../core/data/shards/readShard'
import { unpackShard } from '../../core/data/shards/shard'
import type { AugmentedRow, PreviewImage, PreviewPage, PreviewRequest } from '../dataProtocol'
import { rgbaOf } from '../rgba'

/** Pictures of one augmentation. */
const DRAWS = 8

interface Shown {
  dataset: Pick<Dataset, 'name' | 'height' | 'width' | 'channels' | 'classNames' | 'mean' | 'std'>
  pixels: Uint8Array[]
}

export class Gallery {
  #open: { name: string; dataset: OpenDataset; labels: Map<string, Labels> } | undefined
  #run: { key: string; dataset: Dataset; trueLabels: Labels } | undefined
  #shown: Shown | undefined

  constructor(private readonly ports: DataPorts) {}

  /** A set was imported or removed. */
  forget(): void {
    this.#open = undefined
    this.#run = undefined
  }

  page(request: PreviewRequest): Promise<PreviewPage> {
    return request.view === 'run' ? this.#ofRun(request) : this.#ofSplit(request)
  }

  /**
   * The image at `place` of the last page under each augmentation that the form offers, in eight batches. Batch-level
   * ones mix images, so there every second image of a batch is another one of the page.
   */
  async augmented(place: number, config: RunConfig): Promise<AugmentedRow[]> {
    const shown = this.#shown
    const pixels = shown?.pixels[place]
    if (!shown || !pixels)
      throw new BasinError('internal', `augmented: an image of the last page, got ${place}`)
    const alone = Array.from({ length: DRAWS }, () => pixels)
    const mixed = alone.map((own, i) =>
      i % 2 === 0 ? own : shown.pixels[(place + 1 + i) % shown.pixels.length],
    )
    const base = { ...config, dataset: shown.dataset.name, batch_size: DRAWS }
    const rows: (AugmentedRow | undefined)[] = []
    for (const setting of flagOf('image_level_augmentations').choices) {
      const own: RunConfig = {
        ...base,
        image_level_augmentations: setting as RunConfig['image_level_augmentations'],
        batch_level_augmentations: 'none',
      }
      rows.push(rowOf('image_level_augmentations', setting, alone, shown, own))
    }
    for (const setting of flagOf('batch_level_augmentations').choices) {
      if (setting === 'none') continue
      const own: RunConfig = {
        ...base,
        batch_level_augmentations: setting as RunConfig['batch_level_augmentations'],
      }
      rows.push(rowOf('batch_level_augmentations', setting, mixed, shown, own))
    }
    return rows.filter((row) => row !== undefined)
  }

  async #ofSplit(request: PreviewRequest): Promise<PreviewPage> {
    const { name, view, label, offset, count } = request
    const { dataset, labels } = await this.#opened(name)
    if (dataset.reader) return this.#byIndex(dataset, dataset.reader, request)
    const { manifest } = dataset
    const { height, width, channels, class_names: classNames } = manifest
    const size = height * width * channels
    const shards = manifest.shards.filter((shard) => shard.split === view)
    const images: PreviewImage[] = []
    const pixels: Uint8Array[] = []
    let seen = 0
    for (const shard of shards) {
      // Whole shards before the page are passed over without being read, where it is known what they hold.
      const known = label === undefined ? undefined : labels.get(shard.file)
      const matches = label === undefined ? shard.count : known && countOf(known, label)
      if (matches !== undefined && (seen + matches <= offset || images.length >= count)) {
        seen += matches
        continue
      }
      // Beyond the page only the total is missing, and the manifest has it.
      if (images.length >= count) break
      const content = unpackShard(
        await dataset.readShard(shard),
        shard.file,
        shard.count,
        size,
        classNames.length,
      )
      labels.set(shard.file, content.labels.slice())
      for (let i = 0; i < shard.count; i++) {
        if (label !== undefined && content.labels[i] !== label) continue
        if (seen >= offset && images.length < count) {
          const image = content.images.slice(i * size, (i + 1) * size)
          pixels.push(image)
          images.push({ rgba: rgbaOf(image, channels), label: content.labels[i] })
        }
        seen++
      }
    }
    const split = view as 'train' | 'test'
    const total =
      label === undefined ? manifest.splits[split] : (manifest.class_counts?.[split][label] ?? seen)
    this.#shown = { dataset: { ...manifest, classNames }, pixels }
    return { height, width, images, total, offset }
  }

  /** Only what the page shows is read. */
  async #byIndex(
    { manifest }: OpenDataset,
    reader: ImageReader,
    { view, label, offset, count }: PreviewRequest,
  ): Promise<PreviewPage> {
    const { height, width, channels, splits, class_names: classNames } = manifest
    const { labels } = await reader.index()
    const [start, end] = view === 'test' ? [splits.train, labels.length] : [0, splits.train]
    const page: number[] = []
    let total = 0
    for (let image = start; image < end; image++) {
      if (label !== undefined && labels[image] !== label) continue
      if (total >= offset && page.length < count) page.push(image)
      total++
    }
    const numbers = Uint32Array.from(page)
    const { decode } = this.ports
    const pixels = await lazyImages(reader, numbers, height, decode).pixels(numbers.map((_, at) => at))
    const size = height * width * channels
    const shown = page.map((_, at) => pixels.slice(at * size, (at + 1) * size))
    this.#shown = { dataset: { ...manifest, classNames }, pixels: shown }
    const images = page.map((image, at) => ({ rgba: rgbaOf(shown[at], channels), label: labels[image] }))
    return { height, width, images, total, offset }
  }

  async #ofRun({ name, label, offset, count, config }: PreviewRequest): Promise<PreviewPage> {
    const { dataset, trueLabels } = await this.#loaded({ ...config, dataset: name })
    const { height, width, channels, train } = dataset
    const size = height * width * channels
    const indices: number[] = []
    train.labels.forEach((given, i) => {
      if (label === undefined || given === label) indices.push(i)
    })
    const page = indices.slice(offset, offset + count)
    const read = await train.lazy?.pixels(Uint32Array.from(page))
    const pixels = page.map((i, at) =>
      read ? read.slice(at * size, (at + 1) * size) : train.images.slice(i * size, (i + 1) * size),
    )
    this.#shown = { dataset, pixels }
    const images = page.map(
      (i, at): PreviewImage => ({
        rgba: rgbaOf(pixels[at], channels),
        label: train.labels[i],
        ...(train.wrong[i] === 1 ? { trueLabel: trueLabels[i] } : {}),
      }),
    )
    return { height, width, images, total: indices.length, offset }
  }

  async #opened(name: string) {
    if (this.#open?.name !== name) {
      this.#open = { name, dataset: await openDataset(name, this.ports), labels: new Map() }
    }
    return this.#open
  }

  async #loaded(config: RunConfig) {
    const { dataset, num_train_examples, label_noise, run_seed, use_test_set } = config
    const key = JSON.stringify([dataset, num_train_examples, label_noise, run_seed, use_test_set])
    if (this.#run?.key !== key) {
      this.#run = undefined
      const clean = await loadDataset({ ...config, label_noise: 0 }, this.ports, () => {})
      const { labels, wrong } = withLabelNoise(
        clean.train.labels,
        label_noise,
        clean.classNames.length,
        run_seed,
      )
      const train = { ...clean.train, labels, wrong }
      this.#run = { key, dataset: { ...clean, train }, trueLabels: clean.train.labels }
    }
    return this.#run
  }
}

/** Undefined for a setting that this set cannot have (colours of grey images): it is not offered for it. */
function rowOf(
  field: AugmentedRow['field'],
  setting: string,
  images: readonly Uint8Array[],
  shown: Shown,
  config: RunConfig,
): AugmentedRow | undefined {
  const size = images[0].length
  const pixels = new Uint8Array(DRAWS * size)
  images.forEach((image, i) => {
    pixels.set(image, i * size)
  })
  // The order of a batch is drawn too: label 1 marks the image that is looked for.
  const labels = Uint8Array.from(images, (image) => (image === images[0] ? 1 : 0))
  const split = { images: pixels, labels, wrong: new Uint8Array(DRAWS), count: DRAWS }
  const dataset = withInput({ ...shown.dataset, train: split, test: split }, config)
  const { height, width } = dataset
  try {
    const stream = new BatchStream(dataset, config)
    const draws = Array.from({ length: DRAWS }, (_, step) => {
      const batch = stream.batchAt(step)
      return displayed(batch.images, batch.labels.indexOf(1), dataset)
    })
    return { field, setting, height, width, images: draws }
  } catch (error) {
    if (error instanceof BasinError && error.code !== 'internal') return undefined
    throw error
  }
}

function countOf(labels: Labels, label: number): number {
  let count = 0
  for (const each of labels) if (each === label) count++
  return count
}

/** Image i of a normalised batch, back to pixels. */
function displayed(
  images: Float32Array,
  i: number,
  { height, width, channels, mean, std }: Dataset,
): Uint8ClampedArray<ArrayBuffer> {
  const size = height * width * channels
  const pixels = Uint8Array.from({ length: size }, (_, k) => {
    const c = k % channels
    return Math.min(255, Math.max(0, Math.round((images[i * size + k] * std[c] + mean[c]) * 255)))
  })
  return rgbaOf(pixels, channels)
}
