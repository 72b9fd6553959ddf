/**
 * The imported data sets in a DataStore. A set is one record under `dataset/<name>` (its manifest, where it came from)
 * and its shards under `import/<id>/`. The record is written last, so a set is there whole or not at all; shards that
 * no record names are what a killed import left, and `sweep` removes them. A record that cannot be read is listed as
 * damaged; its set can only be deleted, for what its shards hold is written nowhere else.
 */
import { BasinError } from '../../base/errors'
import { sha256 } from '../../base/sha256'
import { DATASET_NAME } from '../config/datasetNames'
import type { DataStore } from '../ports'
import { z } from '../zod'
import { manifestSchema, type ShardEntry } from './catalog/manifest'
import type { OpenDataset } from './openDataset'
import { type ImageIndex, unpackIndex } from './shards/imageIndex'
import { ImagePlaces, ImageReader, type ImageSource } from './shards/imageReader'
import type { ImportedSets } from './shards/readShard'

const RECORDS = 'dataset/'
const SHARDS = 'import/'

/** Whether the bytes are the official ones. */
const VERIFICATIONS = ['verified', 'unknown', 'differs'] as const
export type Verification = (typeof VERIFICATIONS)[number]

/** A value of a set that is no shard, under its own sum. */
const partSchema = z.object({
  file: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/),
  bytes: z.number().int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type StoredPart = z.infer<typeof partSchema>

const recordSchema = z.object({
  format: z.literal(1),
  /** Names the shards' folder; a new import of the same set has another one. */
  import_id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  manifest: manifestSchema,
  /** Names of the files handed in. */
  origin: z.array(z.string()),
  imported_at: z.string(),
  verification: z.enum(VERIFICATIONS),
  /** What the verification rests on, in a sentence. */
  verification_note: z.string(),
  /** Files that were passed over, the first hundred. */
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  num_skipped: z.number().int().min(0),
  /** The images one by one (imageIndex.ts); absent in sets imported before there was such a list. */
  index: z.array(partSchema).optional(),
  /** Node only: a folder that is read where it lies, with the options it was recognised by; no shards are kept. */
  in_place: z
    .object({
      path: z.string(),
      image_size: z.number().int(),
      labels: z.enum(['fine', 'coarse']),
      /** Lists of the images' paths below the folder, JSON, in the index's order. */
      files: z.array(partSchema).optional(),
    })
    .optional(),
})

export type StoredDataset = z.infer<typeof recordSchema>

/** A set whose record cannot be read. */
export interface DamagedDataset {
  name: string
  /** What is wrong with it. */
  reason: string
}

/** Bytes that a set's shards take. */
export const storedBytes = ({ manifest, in_place }: StoredDataset): number =>
  in_place === undefined ? manifest.shards.reduce((sum, shard) => sum + shard.unpacked.bytes, 0) : 0

export const shardKey = (importId: string, file: string): string => `${SHARDS}${importId}/${file}`

const AGAIN = 'Import the data set again on the Data page (or npm run data -- import).'

export class Library implements ImportedSets {
  /** @param cacheBytes of single images that stay in memory */
  constructor(
    readonly store: DataStore,
    readonly cacheBytes?: number,
  ) {}

  /** All sets by name, without the damaged ones. */
  async list(): Promise<StoredDataset[]> {
    return (await this.#records()).flatMap(({ record }) => record ?? [])
  }

  /** The sets by name that `list` leaves out; `remove` takes them. */
  async damaged(): Promise<DamagedDataset[]> {
    return (await this.#records()).flatMap(({ name, error }) =>
      error === undefined ? [] : [{ name, reason: error instanceof Error ? error.message : String(error) }],
    )
  }

  /**
   * @throws BasinError `data-damaged` when its record is not one of ours, `storage` when the store cannot read it
   */
  async get(name: string): Promise<StoredDataset | undefined> {
    if (!DATASET_NAME.test(name)) return undefined
    const bytes = await this.store.get(RECORDS + name)
    if (!bytes) return undefined
    return parseRecord(name, bytes)
  }

  /** The set as training reads it. */
  async open(name: string): Promise<OpenDataset | undefined> {
    const record = await this.get(name)
    if (!record) return undefined
    const reader = record.index && new ImageReader(this.imageSource(record), this.cacheBytes)
    return { manifest: record.manifest, readShard: (entry) => this.readShard(record, entry), reader }
  }

  /** Makes an import visible, in one write; an older set of this name goes. */
  async commit(record: StoredDataset): Promise<void> {
    const { name } = record.manifest
    const older = await this.#importOf(name)
    await this.store.put(RECORDS + name, new TextEncoder().encode(JSON.stringify(record)))
    if (older && older !== record.import_id) await this.#removeShards(older)
  }

  /**
   * Its shards go after its record: interrupted, it leaves orphans and no half set. Of a record that does not even say
   * which shards are its own, the next `sweep` removes them.
   */
  async remove(name: string): Promise<void> {
    const own = await this.#importOf(name)
    await this.store.remove([RECORDS + name])
    if (own) await this.#removeShards(own)
  }

  /**
   * Removes shards of imports that never ended. Only while no import runs, in any tab. A damaged set keeps its shards
   * where its record still says which they are. While the store fails to read a record (which may pass) nothing is
   * removed, for nobody knows whose the shards are.
   * @returns how many
   */
  async sweep(): Promise<number> {
    const keys = await this.store.keys(RECORDS)
    const named = await Promise.all(keys.map((key) => this.store.get(key).then(importIn))).catch(
      () => undefined,
    )
    if (!named) return 0
    const known = new Set(named)
    const orphans = (await this.store.keys(SHARDS)).filter((key) => !known.has(key.split('/')[1]))
    await this.store.remove(orphans)
    return orphans.length
  }

  /** One shard, checked. @throws BasinError `data-missing` or `data-damaged` */
  async readShard({ import_id, manifest }: StoredDataset, entry: ShardEntry): Promise<Uint8Array> {
    const bytes = await this.store.get(shardKey(import_id, entry.file))
    const where = `${manifest.name}/${entry.file}`
    if (!bytes) throw new BasinError('data-missing', `${where}: not in storage any more`, AGAIN)
    if (bytes.length !== entry.unpacked.bytes || (await sha256(bytes)) !== entry.unpacked.sha256) {
      throw new BasinError('data-damaged', `${where}: the stored shard does not match its SHA-256`, AGAIN)
    }
    return bytes
  }

  /** One of a set's other values, checked. @throws BasinError `data-missing` or `data-damaged` */
  async readPart({ import_id, manifest }: StoredDataset, part: StoredPart): Promise<Uint8Array> {
    const bytes = await this.store.get(shardKey(import_id, part.file))
    if (!bytes) throw new BasinError('data-missing', `${manifest.name}/${part.file}: not in storage`, AGAIN)
    if (bytes.length !== part.bytes || (await sha256(bytes)) !== part.sha256) {
      throw new BasinError('data-damaged', `${manifest.name}/${part.file}: its SHA-256 differs`, AGAIN)
    }
    return bytes
  }

  /** Label, length and sum of every image of a set that has an index. */
  async readIndex(record: StoredDataset): Promise<ImageIndex> {
    const { manifest, index = [] } = record
    const pieces = await Promise.all(index.map((part) => this.readPart(record, part)))
    const count = manifest.splits.train + manifest.splits.test
    return unpackIndex(pieces, manifest.name, count, manifest.class_names.length)
  }

  /** The images of a set that has an index, out of its shards. */
  imageSource(record: StoredDataset): ImageSource {
    const { manifest, import_id } = record
    let places: ImagePlaces
    return {
      name: manifest.name,
      encoded: manifest.encoding === 'jpeg',
      index: async () => {
        const index = await this.readIndex(record)
        places = new ImagePlaces(manifest.shards, index)
        return index
      },
      read: async (image) => {
        const { shard, start, end } = places.at(image)
        const bytes = await this.store.getRange(shardKey(import_id, shard.file), start, end)
        if (bytes) return bytes
        throw new BasinError('data-missing', `${manifest.name}/${shard.file}: not in storage any more`, AGAIN)
      },
    }
  }

  async #records(): Promise<{ name: string; record?: StoredDataset; error?: unknown }[]> {
    const keys = await this.store.keys(RECORDS)
    return Promise.all(
      keys.map(async (key) => {
        const name = key.slice(RECORDS.length)
        try {
          const bytes = await this.store.get(key)
          // Deleted since its key was read: no set at all.
          return bytes ? { name, record: parseRecord(name, bytes) } : { name }
        } catch (error) {
          return { name, error }
        }
      }),
    )
  }

  /** Where the shards of a set are, damaged or not. */
  async #importOf(name: string): Promise<string | undefined> {
    return importIn(await this.store.get(RECORDS + name).catch(() => undefined))
  }

  async #removeShards(importId: string): Promise<void> {
    await this.store.remove(await this.store.keys(shardKey(importId, '')))
  }
}

/** @throws BasinError `data-damaged` */
function parseRecord(name: string, bytes: Uint8Array): StoredDataset {
  try {
    if (!DATASET_NAME.test(name)) throw new Error('no name of a set')
    const record = recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    // A set is found, and deleted, by its key: that is its name.
    return { ...record, manifest: { ...record.manifest, name } }
  } catch {
    throw new BasinError(
      'data-damaged',
      `${name}: the record of this data set cannot be read`,
      'Delete the data set on the Data page (or npm run data -- remove), then import it again.',
    )
  }
}

/** The import that a record names, read from what is left of it. */
function importIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes && /"import_id"\s*:\s*"([A-Za-z0-9-]{1,64})"/.exec(new TextDecoder().decode(bytes))?.[1]
}
