/** The bundled data sets, read from the repository. */
import type { RunConfig } from '../core/config/schema'
import type { Dataset } from '../core/data/dataset'
import { loadDataset } from '../core/data/loadDataset'
import type { DataPorts } from '../core/data/readShard'
import { FolderShardSource } from '../platform/node/folderShardSource'
import { inPlaceShardStore } from '../platform/node/inPlaceShardStore'
import { datasetsFolder } from './paths'

export function dataPorts(): DataPorts {
  return { source: new FolderShardSource(datasetsFolder()), store: inPlaceShardStore }
}

/** @throws BasinError naming the file that is missing or damaged */
export function readDataset(config: RunConfig, signal?: AbortSignal): Promise<Dataset> {
  return loadDataset(config, dataPorts(), () => {}, signal)
}
