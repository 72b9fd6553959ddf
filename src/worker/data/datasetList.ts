/** Which data sets are here: those that were imported, and of those that come with Basin whatever none of them replaces. */
import { BUNDLED, openDataset } from '../../core/data/catalog/manifests'
import { type Library, type StoredDataset, storedBytes } from '../../core/data/library'
import type { DataPorts } from '../../core/data/shards/readShard'
import type { DatasetEntry, DatasetList } from '../dataProtocol'

/** Held while a set is imported, over all tabs. */
export const IMPORT_LOCK = 'basin-import'

/** @throws BasinError where the manifest of a set that comes with Basin cannot be had, or storage cannot be read */
export async function listDatasets(library: Library, ports: DataPorts): Promise<DatasetList> {
  const records = await library.list()
  const datasets = records.map(entryOf)
  for (const name of BUNDLED) {
    if (!records.some(({ manifest }) => manifest.name === name)) datasets.unshift(await bundled(name, ports))
  }
  return { datasets, damaged: await library.damaged() }
}

async function bundled(name: string, ports: DataPorts): Promise<DatasetEntry> {
  const { manifest } = await openDataset(name, { ...ports, library: undefined })
  return {
    ...aboutOf(manifest),
    bytes: 0,
    bundled: true,
    origin: [],
    verification: 'verified',
    note: 'Comes with Basin; every shard is checked against its checksum.',
    skipped: [],
    numSkipped: 0,
  }
}

function aboutOf(manifest: StoredDataset['manifest']) {
  return {
    name: manifest.name,
    title: manifest.title,
    height: manifest.height,
    width: manifest.width,
    channels: manifest.channels,
    classNames: manifest.class_names,
    numTrain: manifest.splits.train,
    numTest: manifest.splits.test,
    classCounts: manifest.class_counts,
    licence: manifest.licence,
    citation: manifest.citation,
    source: manifest.source,
  }
}

function entryOf(record: StoredDataset): DatasetEntry {
  return {
    ...aboutOf(record.manifest),
    bytes: storedBytes(record),
    bundled: false,
    origin: record.origin,
    importedAt: record.imported_at,
    verification: record.verification,
    note: record.verification_note,
    skipped: record.skipped,
    numSkipped: record.num_skipped,
  }
}
