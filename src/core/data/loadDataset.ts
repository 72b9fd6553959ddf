/**
 * Brings a run's data into memory: the training shards that its images come from, all test shards, every one checked
 * against its sum; then the label noise. A few shards are on their way at a time, because waiting for a server costs
 * more than checking what has come. Of a set that memory does not hold, or that is stored as picture files, only the
 * labels are loaded: its images are read when they are needed.
 */

import { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { Manifest, ShardEntry } from './catalog/manifest'
import { openDataset } from './catalog/manifests'
import type { Dataset, Split } from './dataset'
import { labelArray } from './labels'
import { lazySplits } from './lazyDataset'
import type { OpenDataset } from './openDataset'
import { heldOutImages } from './selection/holdOut'
import { withLabelNoise } from './selection/labelNoise'
import { type ShardPart, selectHeldOut, selectTraining } from './selection/selection'
import type { DataPorts } from './shards/readShard'
import { unpackShard } from './shards/shard'

/** Is a `LoadProgress` of the worker's protocol. */
export interface DataProgress {
  phase: 'shards'
  /** `train shard 3 of 24`; of a shard that has just arrived, or of the first one before any has. */
  label: string
  /** Of the shards as they lie on the server. */
  bytesDone: number
  bytesTotal: number
}

export type DataConfig = Pick<
  RunConfig,
  'dataset' | 'num_train_examples' | 'label_noise' | 'run_seed' | 'use_test_set'
>

/** How many shards are fetched or checked at the same time. */
const AT_ONCE = 4
/** Pixels that a run holds in memory: browsers give a tab little more in one piece. */
const MEMORY_LIMIT = 2 ** 31

/** A shard to read, and what goes where. */
interface Errand {
  entry: ShardEntry
  label: string
  pieces: {
    split: Split
    /** Images within the shard, in the split's order. */
    indices: Uint32Array
    /** Where in the split the first of them goes. */
    offset: number
  }[]
}

/**
 * @returns the training images that `config` selects (labels with noise) and the test split, or with
 * `use_test_set` off the held-out training images in its place
 * @throws BasinError `config` when they are more than memory holds and cannot be read one by one, `data-missing`, `data-damaged` or `storage` naming the file and the remedy;
 * `cancelled` when `signal` says so. Nothing is stored half.
 */
export async function loadDataset(
  config: DataConfig,
  ports: DataPorts,
  onProgress: (progress: DataProgress) => void,
  signal?: AbortSignal,
): Promise<Dataset> {
  try {
    const open = await openDataset(config.dataset, ports, signal)
    signal?.throwIfAborted()
    const images = selectImages(open.manifest, config)
    const dataset = isLazy(open, images, ports.memoryBytes)
      ? await lazily(open, images, ports, onProgress)
      : await whole(open, images, onProgress, signal)
    signal?.throwIfAborted()
    const { labels, wrong } = withLabelNoise(
      dataset.train.labels,
      config.label_noise,
      dataset.classNames.length,
      config.run_seed,
    )
    return { ...dataset, train: { ...dataset.train, labels, wrong } }
  } catch (error) {
    if (signal?.aborted) throw new BasinError('cancelled', 'data: loading was cancelled')
    throw error
  }
}

/** Which images a run uses, shard by shard. */
interface Selection {
  train: ShardPart[]
  test: ShardPart[]
  trainShards: ShardEntry[]
  /** Shards that `test` is of: training shards where it is held out. */
  testShards: ShardEntry[]
}

function selectImages(manifest: Manifest, config: DataConfig): Selection {
  const { name, splits, scattered } = manifest
  const shardsOf = (split: 'train' | 'test') => manifest.shards.filter((shard) => shard.split === split)
  const countsOf = (shards: readonly ShardEntry[]) => shards.map((shard) => shard.count)
  const trainShards = shardsOf('train')
  const counts = countsOf(trainShards)
  const heldOut = config.use_test_set ? undefined : heldOutImages(name, splits.train, scattered)
  const rules = { scattered, heldOut }
  const train = selectTraining(counts, config.num_train_examples, config.run_seed, rules)
  if (heldOut) return { train, test: selectHeldOut(counts, heldOut), trainShards, testShards: trainShards }
  const testShards = shardsOf('test')
  const test = selectHeldOut(countsOf(testShards), new Uint8Array(splits.test).fill(1))
  return { train, test, trainShards, testShards }
}

const total = (parts: readonly ShardPart[]) => parts.reduce((sum, part) => sum + part.indices.length, 0)

function isLazy(
  { manifest, reader }: OpenDataset,
  { train, test }: Selection,
  memoryBytes = MEMORY_LIMIT,
): boolean {
  if (reader?.encoded) return true
  const { height, width, channels } = manifest
  const most = Math.floor(memoryBytes / (height * width * channels))
  if (total(train) + total(test) <= most) return false
  if (reader) return true
  const fits = Math.max(0, most - total(test))
  throw new BasinError(
    'config',
    `num_train_examples: at most ${fits} images of this size fit in memory beside ${total(test)} test images, got ${total(train)}`,
    'Import the set again: its images are then read as they are needed. Or use fewer.',
  )
}

function shapeOf(manifest: Manifest) {
  const { name, height, width, channels, mean, std, class_names: classNames } = manifest
  return { name, height, width, channels, classNames, mean, std }
}

async function lazily(
  open: OpenDataset,
  { train, test, trainShards, testShards }: Selection,
  { decode }: DataPorts,
  onProgress: (progress: DataProgress) => void,
): Promise<Dataset> {
  const label = 'list of images'
  onProgress({ phase: 'shards', label, bytesDone: 0, bytesTotal: 1 })
  const split = await lazySplits(open, decode)
  onProgress({ phase: 'shards', label, bytesDone: 1, bytesTotal: 1 })
  return { ...shapeOf(open.manifest), train: split(train, trainShards), test: split(test, testShards) }
}

async function whole(
  open: OpenDataset,
  { train, test, trainShards, testShards }: Selection,
  onProgress: (progress: DataProgress) => void,
  signal?: AbortSignal,
): Promise<Dataset> {
  const { height, width, channels, class_names: classNames } = open.manifest
  const emptySplit = (count: number): Split => ({
    images: new Uint8Array(count * height * width * channels),
    labels: labelArray(count, classNames.length),
    wrong: new Uint8Array(count),
    count,
  })
  const dataset = {
    ...shapeOf(open.manifest),
    train: emptySplit(total(train)),
    test: emptySplit(total(test)),
  }
  const errands = new Map<ShardEntry, Errand>()
  const addParts = (split: Split, parts: readonly ShardPart[], shards: readonly ShardEntry[]) => {
    for (const { shard, indices, offset } of parts) {
      const entry = shards[shard]
      const label = `${entry.split} shard ${shard + 1} of ${shards.length}`
      const errand = errands.get(entry) ?? { entry, label, pieces: [] }
      errand.pieces.push({ split, indices, offset })
      errands.set(entry, errand)
    }
  }
  addParts(dataset.train, train, trainShards)
  addParts(dataset.test, test, testShards)
  await runErrands([...errands.values()], dataset, open, onProgress, signal)
  return dataset
}

async function runErrands(
  errands: readonly Errand[],
  dataset: Dataset,
  open: OpenDataset,
  onProgress: (progress: DataProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  // The first failure calls the others back; only when all have stopped is it reported.
  const failure = new AbortController()
  const either = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
  const bytesTotal = errands.reduce((sum, { entry }) => sum + entry.packed.bytes, 0)
  let bytesDone = 0
  onProgress({ phase: 'shards', label: errands[0].label, bytesDone, bytesTotal })
  const waiting = errands.values()
  const work = async () => {
    for (const errand of waiting) {
      either.throwIfAborted()
      const { entry, label } = errand
      const bytes = await open.readShard(entry, either)
      copyInto(errand, bytes, dataset)
      bytesDone += entry.packed.bytes
      onProgress({ phase: 'shards', label, bytesDone, bytesTotal })
    }
  }
  let first: unknown
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch((error) => {
      first ??= error
      failure.abort()
    }),
  )
  await Promise.all(workers)
  if (first !== undefined) throw first
}

function copyInto(
  { entry, pieces }: Errand,
  bytes: Uint8Array,
  { height, width, channels, classNames }: Dataset,
): void {
  const imageSize = height * width * channels
  const { images, labels } = unpackShard(bytes, entry.file, entry.count, imageSize, classNames.length)
  for (const { split, indices, offset } of pieces) {
    indices.forEach((index, i) => {
      split.images.set(images.subarray(index * imageSize, (index + 1) * imageSize), (offset + i) * imageSize)
      split.labels[offset + i] = labels[index]
    })
  }
}
