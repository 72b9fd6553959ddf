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
    /** Images within the shard, in the split's order. */
    indices: Uint32Array
    /** Where in the split the first of them goes. */
    offset: number
  }[]
}

/**
 * @returns the training images that `config` selects (labels with noise) and the test split, or with
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
  // Differs: a test split beyond half of the memory (ImageNet at 256 pixels) is judged by a fixed part of it.
  const mostTest = Math.floor(MEMORY_LIMIT / 2 / imageSize)
  const testParts = heldOut
    ? heldParts
    : selectTest(
        testShards.map((shard) => shard.count),
        mostTest,
        scattered,
      )
  const numTest = total(testParts)
  checkMemory(numTrain, numTest, imageSize)
  const emptySplit = (count: number): Split => ({
    images: new Uint8Array(count * imageSize),
    labels: labelArray(count, classNames.length),
    wrong: new Uint8Array(count),
    count,
  })
  const train = emptySplit(numTrain)
  const test = emptySplit(numTest)
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
  addParts(train, trainParts, trainShards)
  addParts(test, testParts, heldOut ? trainShards : testShards)
  const dataset = { name: manifest.name, height, width, channels, classNames, mean, std, train, test }
  return { dataset, errands: [...errands.values()] }
}

/** All of the test images in their order, or a fixed part of them. */
function selectTest(counts: readonly number[], most: number, scattered: boolean): ShardPart[] {
  const all = counts.reduce((sum, count) => sum + count, 0)
  return all > most
    ? selectTraining(counts, most, 0, { scattered })
    : selectHeldOut(counts, new Uint8Array(all).fill(1))
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
    indices.forEach((index, i) => {
      split.images.set(images.subarray(index * imageSize, (index + 1) * imageSize), (offset + i) * imageSize)
      split.labels[offset + i] = labels[index]
    })
  }
}
