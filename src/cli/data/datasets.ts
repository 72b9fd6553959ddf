/** Data sets in Node: the bundled one in the repository, the imported ones in the data folder. */
import { join } from 'node:path'
import type { RunConfig } from '../../core/config/schema'
import type { OpenPool } from '../../core/data/batches/batchFeed'
import type { Dataset } from '../../core/data/dataset'
import { planImport } from '../../core/data/import/importPlan'
import { type ImportProgress, runImport } from '../../core/data/import/runImport'
import { surveyInputs } from '../../core/data/import/survey'
import { withInput } from '../../core/data/inputShape'
import { Library, type StoredDataset } from '../../core/data/library'
import { loadDataset } from '../../core/data/loadDataset'
import type { OpenDataset } from '../../core/data/openDataset'
import type { DataPorts } from '../../core/data/shards/readShard'
import { openNodeThreads } from '../../platform/node/batchThreads'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { FolderShardSource } from '../../platform/node/folderShardSource'
import { nodeDecoder, nodeEncoder } from '../../platform/node/imageCodecs'
import { inPlaceShardStore } from '../../platform/node/inPlaceShardStore'
import { inputFiles } from '../../platform/node/inputFiles'
import { MemoryDataStore } from '../../platform/node/memoryDataStore'
import { openNodePictures } from '../../platform/node/pictureThreads'
import { datasetsFolder, importedFolder, repositoryRoot } from '../terminal/paths'
import { openInPlace } from './inPlaceSet'

/** The library of the data folder, and of folders that were imported in place. */
export class NodeLibrary extends Library {
  readonly folder: FolderDataStore

  constructor(folder = new FolderDataStore(importedFolder())) {
    super(folder)
    this.folder = folder
  }

  override async open(name: string, signal?: AbortSignal): Promise<OpenDataset | undefined> {
    const record = await this.get(name)
    if (!record?.in_place) return super.open(name)
    if (record.in_place.files) return openInPlace(this, record, record.in_place, decoder())
    const again = await readInPlace(record.in_place, name, () => {}, signal)
    // The record's sums judge what the folder holds now.
    const fresh = { ...record, import_id: again.record.import_id }
    return { manifest: record.manifest, readShard: (entry) => again.library.readShard(fresh, entry) }
  }
}

export interface InPlace {
  path: string
  image_size: number
  labels: 'fine' | 'coarse'
}

/** Imports a folder of small binary files into memory: they are read again when their set is opened. */
export async function readInPlace(
  { path, image_size, labels }: InPlace,
  name: string | undefined,
  onProgress: (progress: ImportProgress) => void,
  signal?: AbortSignal,
): Promise<{ library: Library; record: StoredDataset }> {
  const inputs = await inputFiles([path])
  const survey = await surveyInputs(inputs, () => {}, signal)
  const plan = planImport(survey, { imageSize: image_size, labels, name })
  const library = new Library(new MemoryDataStore())
  const ports = { library, decode: decoder(), room: async () => undefined }
  return { library, record: await runImport(inputs, survey, plan, ports, onProgress, signal) }
}

export const decoder = () => nodeDecoder(repositoryRoot())
/** With threads of their own, for pictures that nobody has decoded yet. */
export const openDecoder = () => openNodePictures(repositoryRoot())
export const encoder = () => nodeEncoder(repositoryRoot())

/** Threads that prepare the batches of a run. */
export const openPool: OpenPool = (recipe) => openNodeThreads(recipe, { root: repositoryRoot() })

export function dataPorts(): DataPorts {
  return {
    source: new FolderShardSource(datasetsFolder()),
    store: inPlaceShardStore,
    library: new NodeLibrary(),
    decode: decoder(),
  }
}

/** Where a data set lies. */
export const folderOf = (name: string, record: StoredDataset | undefined): string =>
  record
    ? (record.in_place?.path ?? join(importedFolder(), 'import', record.import_id))
    : join(datasetsFolder(), name)

/** A config's images as they are stored. @throws BasinError naming the file that is missing or damaged */
export function readStored(config: RunConfig, signal?: AbortSignal): Promise<Dataset> {
  return loadDataset(config, dataPorts(), () => {}, signal)
}

/** The same with the shape that the config's network sees. */
export async function readDataset(config: RunConfig, signal?: AbortSignal): Promise<Dataset> {
  return withInput(await readStored(config, signal), config)
}
