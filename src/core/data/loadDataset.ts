/**
 * Brings a run's data into memory: the training shards that its images come from, all test shards, every one checked
 * against its sum; then the label noise. A few shards are on their way at a time, because waiting for a server costs
 * more than checking what has come.
 */
import type { RunConfig } from '../config/schema'
import { BasinError } from '../errors'
import type { Dataset, Split } from './dataset'
import { withLabelNoise } from './labelNoise'
import type { Manifest, ShardEntry } from './manifest'
import { type DataPorts, readShard } from './readShard'
import { datasetPath, readManifest } from './registry'
import { selectTraining } from './selection'
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

export type DataConfig = Pick<RunConfig, 'dataset' | 'num_train_examples' | 'label_noise' | 'run_seed'>

/** How many shards are fetched or checked at the same time. */
const AT_ONCE = 4

/** A shard to read and what to take of it. */
interface Errand {
  entry: ShardEntry
  label: string
  split: Split
  /** Images within the shard, in the split's order; undefined: all of them. */
  indices: Uint32Array | undefined
  /** Where in the split the first of them goes. */
  offset: number
}

/**
 * @returns the training images that `config` selects (labels with noise) and the whole test split
 * @throws BasinError `data-missing`, `data-damaged`, `storage-full` or `storage` naming the file and the remedy;
 * `cancelled` when `signal` says so. Nothing is stored half.
 */
export async function loadDataset(
  config: DataConfig,
  ports: DataPorts,
  onProgress: (progress: DataProgress) => void,
  signal?: AbortSignal,
): Promise<Dataset> {
  try {
    const manifest = await readManifest(config.dataset, ports.source, signal)
    signal?.throwIfAborted()
    const { dataset, errands } = plan(manifest, config)
    await runErrands(errands, dataset, config.dataset, ports, onProgress, signal)
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
  const { height, width, channels, mean, std, class_names: classNames } = manifest
  const imageSize = height * width * channels
  const emptySplit = (count: number): Split => ({
    images: new Uint8Array(count * imageSize),
    labels: new Uint8Array(count),
    wrong: new Uint8Array(count),
    count,
  })
  const trainShards = manifest.shards.filter((shard) => shard.split === 'train')
  const testShards = manifest.shards.filter((shard) => shard.split === 'test')
  const parts = selectTraining(
    trainShards.map((shard) => shard.count),
    config.num_train_examples,
    config.run_seed,
  )
  const train = emptySplit(parts.reduce((sum, part) => sum + part.indices.length, 0))
  const test = emptySplit(manifest.splits.test)
  const errands = parts.map(
    ({ shard, indices, offset }): Errand => ({
      entry: trainShards[shard],
      label: `train shard ${shard + 1} of ${trainShards.length}`,
      split: train,
      indices,
      offset,
    }),
  )
  let offset = 0
  testShards.forEach((entry, i) => {
    const label = `test shard ${i + 1} of ${testShards.length}`
    errands.push({ entry, label, split: test, indices: undefined, offset })
    offset += entry.count
  })
  const dataset = { name: manifest.name, height, width, channels, classNames, mean, std, train, test }
  return { dataset, errands }
}

async function runErrands(
  errands: readonly Errand[],
  dataset: Dataset,
  name: DataConfig['dataset'],
  ports: DataPorts,
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
      const bytes = await readShard(datasetPath(name, entry.file), entry, ports, either)
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
  { entry, split, indices, offset }: Errand,
  bytes: Uint8Array,
  { height, width, channels, classNames }: Dataset,
): void {
  const imageSize = height * width * channels
  const { images, labels } = unpackShard(bytes, entry.file, entry.count, imageSize, classNames.length)
  if (!indices) {
    split.images.set(images, offset * imageSize)
    split.labels.set(labels, offset)
    return
  }
  indices.forEach((index, i) => {
    split.images.set(images.subarray(index * imageSize, (index + 1) * imageSize), (offset + i) * imageSize)
    split.labels[offset + i] = labels[index]
  })
}
