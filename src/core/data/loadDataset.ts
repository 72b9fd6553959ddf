/**
 * Brings a run's data into memory: the training shards that its images come from, all test shards, every one checked
 * against its sum; then the label noise. A few shards are on their way at a time, because waiting for a server costs
 * more than checking what has come.
 */
import type { RunConfig } from '../config/schema'
import { BasinError } from '../errors'
import { type Dataset, labelArray, type Split } from './dataset'
import { heldOutImages } from './holdOut'
import { withLabelNoise } from './labelNoise'
import type { Manifest, ShardEntry } from './manifest'
import type { DataPorts } from './readShard'
import { type OpenDataset, openDataset } from './registry'
import { type ShardPart, selectHeldOut, selectTraining } from './selection'
import { unpackShard } from './shard'

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
/** Pixels that a run may hold in memory: browsers give a tab little more in one piece. */
const MEMORY_LIMIT = 2 ** 31

/** A shard to read, and what goes where. */
interface Errand {
  entry: ShardEntry
  label: string
  pieces: {
    split: Split
    /** Images within the shard, in the split's order; undefined: all of them. */
    indices: Uint32Array | undefined
    /** Where in the split the first of them goes. */
    offset: number
  }[]
}

/**
 * @returns the training images that `config` selects (labels with noise) and the whole test split, or with
 * `use_test_set` off the held-out training images in its place
 * @throws BasinError `config` when they are more than memory holds, `data-missing`, `data-damaged`, `storage-full` or `storage` naming the file and the remedy;
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
    const { dataset, errands } = plan(open.manifest, config)
    await runErrands(errands, dataset, open, onProgress, signal)
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

function plan(manifest: Manifest, config: DataConfig): { dataset: Dataset; errands: Errand[] } {
  const { height, width, channels, mean, std, scattered, class_names: classNames } = manifest
  const trainShards = manifest.shards.filter((shard) => shard.split === 'train')
  const testShards = config.use_test_set ? manifest.shards.filter((shard) => shard.split === 'test') : []
  const counts = trainShards.map((shard) => shard.count)
  const heldOut = config.use_test_set
    ? undefined
    : heldOutImages(manifest.name, manifest.splits.train, scattered)
  const rules = { scattered, heldOut }
  const trainParts = selectTraining(counts, config.num_train_examples, config.run_seed, rules)
  const heldParts = heldOut ? selectHeldOut(counts, heldOut) : []
  const total = (parts: readonly ShardPart[]) => parts.reduce((sum, part) => sum + part.indices.length, 0)
  const imageSize = height * width * channels
  const numTrain = total(trainParts)
  const numTest = heldOut ? total(heldParts) : manifest.splits.test
  checkMemory(numTrain, numTest, imageSize)
  const emptySplit = (count: number): Split => ({
    images: new Uint8Array(count * imageSize),
    labels: labelArray(count, classNames.length),
    wrong: new Uint8Array(count),
    count,
  })
  const train = emptySplit(numTrain)
  const test = emptySplit(numTest)
  const ofTrain = new Map<number, Errand>()
  const addPart = (split: Split, { shard, indices, offset }: ShardPart) => {
    const label = `train shard ${shard + 1} of ${trainShards.length}`
    const errand = ofTrain.get(shard) ?? { entry: trainShards[shard], label, pieces: [] }
    errand.pieces.push({ split, indices, offset })
    ofTrain.set(shard, errand)
  }
  for (const part of trainParts) addPart(train, part)
  for (const part of heldParts) addPart(test, part)
  const errands = [...ofTrain.values()]
  let offset = 0
  testShards.forEach((entry, i) => {
    const label = `test shard ${i + 1} of ${testShards.length}`
    errands.push({ entry, label, pieces: [{ split: test, indices: undefined, offset }] })
    offset += entry.count
  })
  const dataset = { name: manifest.name, height, width, channels, classNames, mean, std, train, test }
  return { dataset, errands }
}

function checkMemory(numTrain: number, numTest: number, imageSize: number): void {
  const bytes = (numTrain + numTest) * imageSize
  if (bytes <= MEMORY_LIMIT) return
  const fits = Math.max(0, Math.floor(MEMORY_LIMIT / imageSize) - numTest)
  throw new BasinError(
    'config',
    `num_train_examples: at most ${fits} images of this size fit in memory beside ${numTest} test images, got ${numTrain}`,
    'Use fewer training images, or import the set at a smaller size.',
  )
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
    if (!indices) {
      split.images.set(images, offset * imageSize)
      split.labels.set(labels, offset)
      continue
    }
    indices.forEach((index, i) => {
      split.images.set(images.subarray(index * imageSize, (index + 1) * imageSize), (offset + i) * imageSize)
      split.labels[offset + i] = labels[index]
    })
  }
}
