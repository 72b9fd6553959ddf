/** The data sets there are, and where their manifests lie below the root that a ShardSource reads from. */
import type { ShardSource } from '../../platform/ports'
import type { RunConfig } from '../config/schema'
import { type Manifest, parseManifest } from './manifest'

export type DatasetName = RunConfig['dataset']

const FOLDERS: Record<DatasetName, string> = { fashion_mnist: 'fashion_mnist' }

/** Path of one of a data set's files below the data sets' root. */
export function datasetPath(name: DatasetName, file: string): string {
  return `${FOLDERS[name]}/${file}`
}

/** @throws BasinError `data-missing` or `data-damaged`, naming the manifest */
export async function readManifest(
  name: DatasetName,
  source: ShardSource,
  signal?: AbortSignal,
): Promise<Manifest> {
  const path = datasetPath(name, 'manifest.json')
  return parseManifest(await source.read(path, signal), path)
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
export async function datasetInfo(name: DatasetName, source: ShardSource): Promise<DatasetInfo> {
  const manifest = await readManifest(name, source)
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
