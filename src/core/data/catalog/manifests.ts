/**
 * Finds a data set by its name: among the imported ones first, else beside the page (or in the repository), where
 * Fashion-MNIST lies.
 */

import { BasinError } from '../../../base/errors'
import type { RunConfig } from '../../config/schema'
import type { OpenDataset } from '../openDataset'
import { type DataPorts, readShard } from '../shards/readShard'
import { knownDataset } from './catalog'
import { parseManifest } from './manifest'

export type DatasetName = RunConfig['dataset']

/** Data sets whose shards come with Basin. */
export const BUNDLED: readonly DatasetName[] = ['fashion_mnist']

/** Path of one of a data set's files below the data sets' root. */
function datasetPath(name: DatasetName, file: string): string {
  return `${name}/${file}`
}

/** @throws BasinError `data-missing` or `data-damaged`, naming the set and the remedy */
export async function openDataset(
  name: DatasetName,
  ports: DataPorts,
  signal?: AbortSignal,
): Promise<OpenDataset> {
  const imported = await ports.library?.open(name, signal)
  if (imported) return imported
  if (!BUNDLED.includes(name)) throw notImported(name)
  const path = datasetPath(name, 'manifest.json')
  const manifest = parseManifest(await ports.source.read(path, signal), path)
  return {
    manifest,
    readShard: (entry, ended) => readShard(datasetPath(name, entry.file), entry, ports, ended),
  }
}

function notImported(name: string): BasinError {
  const known = knownDataset(name)
  return new BasinError(
    'data-missing',
    `dataset: one that is here, got ${name}`,
    known
      ? `Get ${known.files} (${known.home}) and import it on the Data page, or with npm run data -- import.`
      : 'Import it on the Data page, or with npm run data -- import.',
  )
}

/** Shapes and counts: enough to build a network or to price a run. */
export interface DatasetInfo {
  name: string
  title: string
  height: number
  width: number
  channels: number
  numClasses: number
  classNames: readonly string[]
  numTrain: number
  numTest: number
}

/** Reads the manifest and no pixels. */
export async function datasetInfo(name: DatasetName, ports: DataPorts): Promise<DatasetInfo> {
  const { manifest } = await openDataset(name, ports)
  const { title, height, width, channels } = manifest
  return {
    name,
    title,
    height,
    width,
    channels,
    numClasses: manifest.class_names.length,
    classNames: manifest.class_names,
    numTrain: manifest.splits.train,
    numTest: manifest.splits.test,
  }
}
