/**
 * Reads what was handed in a second time and writes its shards; the set's record comes last. Whatever ends an import
 * early (Cancel, a damaged file, a full disk, a killed tab) leaves no set, and nothing of other sets is touched.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { BasinError } from '../../../base/errors'
import { bytesText } from '../../../base/units'
import { readAll } from '../../formats/byteStream'
import type { ImageDecoder, ImageEncoder, InputFile } from '../../ports'
import { knownDataset } from '../catalog/catalog'
import { type Manifest, manifestSchema } from '../catalog/manifest'
import { type Library, type StoredDataset, shardKey } from '../library'
import { decodePicture } from '../pictures/decodePicture'
import { unlessAborted } from './abort'
import type { ImportPlan } from './importPlan'
import type { Sample } from './layout'
import { ShardWriter } from './shardWriter'
import type { Survey } from './survey'
import { type Entry, walk } from './walk'

export interface ImportPorts {
  library: Library
  decode: ImageDecoder
  /** Needed for sets that are stored as JPEGs. */
  encode?: ImageEncoder
  /** Pictures of this folder stay where they are, and only a list of them is stored. */
  inPlace?: NonNullable<StoredDataset['in_place']>
  /** Free bytes for this page or folder; undefined where nobody knows. */
  room(): Promise<number | undefined>
}

export interface ImportProgress {
  bytesDone: number
  bytesTotal: number
  imagesDone: number
  imagesTotal: number
}

/** A picture's file: beyond this it is passed over. */
const PICTURE_BYTES = 64 * 2 ** 20
/** Pictures that are decoded at the same time. */
const AT_ONCE = 6
const LISTED = 100

/**
 * @returns the record of the stored set
 * @throws BasinError `storage-full` before anything is written when it cannot fit, or when the disk fills;
 * `data-damaged`, `data-missing`, `not-loaded`, `cancelled` as soon as `signal` says so, whatever a decoder is doing
 */
export async function runImport(
  inputs: readonly InputFile[],
  survey: Survey,
  plan: ImportPlan,
  ports: ImportPorts,
  onProgress: (progress: ImportProgress) => void,
  signal?: AbortSignal,
): Promise<StoredDataset> {
  const { library } = ports
  await checkRoom(plan, ports)
  const id = bytesToHex(crypto.getRandomValues(new Uint8Array(12)))
  try {
    const record = await write(id, inputs, survey, plan, ports, onProgress, signal)
    signal?.throwIfAborted()
    await library.commit(record)
    return record
  } catch (error) {
    const keys = await library.store.keys(shardKey(id, '')).catch(() => [])
    await library.store.remove(keys).catch(() => {})
    if (signal?.aborted) throw new BasinError('cancelled', `${plan.name}: the import was cancelled`)
    throw error instanceof BasinError && error.code === 'storage-full' ? full(plan, error) : error
  }
}

function full({ name, bytes }: ImportPlan, { message }: BasinError): BasinError {
  return new BasinError(
    'storage-full',
    `${name}: needs ${bytesText(bytes)}, and the disk filled up on the way (${message})`,
    'Nothing of it was kept, and nothing else was touched. Free disk space, delete other data sets, or import at a smaller image size.',
  )
}

async function checkRoom({ name, bytes }: ImportPlan, { room, inPlace }: ImportPorts): Promise<void> {
  if (inPlace) return
  const free = await room()
  if (free === undefined || bytes <= free) return
  throw new BasinError(
    'storage-full',
    `${name}: needs ${bytesText(bytes)} of storage, and ${bytesText(Math.max(0, free))} are free`,
    'Nothing was written. Delete other data sets, free disk space, or import at a smaller image size.',
  )
}

async function write(
  id: string,
  inputs: readonly InputFile[],
  survey: Survey,
  plan: ImportPlan,
  { library, decode, encode, inPlace }: ImportPorts,
  onProgress: (progress: ImportProgress) => void,
  signal?: AbortSignal,
): Promise<StoredDataset> {
  const { layout } = plan
  const encoding = inPlace ? 'raw' : plan.encoding
  if (encoding === 'jpeg' && !encode) throw new BasinError('internal', 'import: an encoder for this set')
  const { height, width, channels, classNames } = layout
  const writer = new ShardWriter(library.store, id, {
    height,
    width,
    channels,
    numClasses: classNames.length,
    encoding,
    inPlace: inPlace !== undefined,
  })
  const skipped = [...survey.skipped, ...layout.passedOver]
  const progress: ImportProgress = {
    bytesDone: 0,
    bytesTotal: inputs.reduce((sum, { size }) => sum + size, 0),
    imagesDone: 0,
    imagesTotal: layout.counts.train + layout.counts.test,
  }
  const tell = () => {
    progress.imagesDone = writer.counts.train + writer.counts.test
    onProgress({ ...progress, bytesDone: Math.min(progress.bytesDone, progress.bytesTotal) })
  }
  const decoding: Promise<Sample | BasinError | undefined>[] = []
  const settle = async () => {
    const sample = await unlessAborted(decoding.shift(), signal)
    if (sample instanceof BasinError) throw sample
    if (sample) await writer.add(sample)
  }
  const onBytes = (count: number) => {
    progress.bytesDone += count
    tell()
  }
  for await (const entry of walk(inputs, { onBytes, signal })) {
    const take = layout.take(entry.path)
    if (take?.kind === 'samples') {
      for await (const sample of take.read(entry.open())) await writer.add(sample)
    } else if (take) {
      const bytes = await pictureBytes(entry)
      const { split, label } = take
      const picture = async (): Promise<Sample> => {
        if (!bytes) throw new Error('more than 64 MiB')
        const pixels = await decodePicture(bytes, decode, height)
        const sample = { split, label, group: 0, pixels }
        if (inPlace) return { ...sample, file: bytes, path: entry.path.slice(entry.path.indexOf('/') + 1) }
        if (encoding === 'raw' || !encode) return sample
        const file = await encode(pixels, height)
        // What is measured and shown is what training will see.
        return { ...sample, file, pixels: await decodePicture(file, decode, height) }
      }
      const decoded = picture().catch((reason) => {
        // Not of this picture: what it says ends the import.
        if (reason instanceof BasinError) return reason
        skipped.push({
          path: entry.path,
          reason: reason instanceof Error ? reason.message : String(reason),
        })
      })
      decoding.push(decoded)
      if (decoding.length >= AT_ONCE) await settle()
      tell()
    }
  }
  while (decoding.length > 0) await settle()
  const shards = await writer.finish()
  tell()
  checkCounts(plan, writer.counts, skipped)
  const index = await writer.storeIndex()
  const place = inPlace && { in_place: { ...inPlace, files: await writer.storePaths() } }
  return {
    format: 1,
    import_id: id,
    manifest: manifestOf(plan, survey, shards, writer, encoding),
    index,
    ...place,
    origin: [...new Set(inputs.map(({ path }) => path.split('/')[0]))].slice(0, LISTED),
    imported_at: new Date().toISOString(),
    verification: plan.verification,
    verification_note: plan.note,
    skipped: skipped.slice(0, LISTED),
    num_skipped: skipped.length,
  }
}

/** Undefined for a picture that is too large to be one. */
async function pictureBytes(entry: Entry): Promise<Uint8Array | undefined> {
  if ((entry.size ?? 0) > PICTURE_BYTES) return undefined
  return readAll(entry.open(), PICTURE_BYTES, entry.path)
}

function checkCounts({ layout, name }: ImportPlan, counts: ShardWriter['counts'], skipped: unknown[]): void {
  const { train, test } = counts
  if (layout.pictures) {
    if (train > 0 && test > 0) return
    throw new BasinError(
      'data-damaged',
      `${name}: pictures that can be decoded, got ${train} training and ${test} test images, ${skipped.length} files passed over`,
      'Look at the files: they may be damaged or of another format.',
    )
  }
  if (train === layout.counts.train && test === layout.counts.test) return
  throw new BasinError(
    'data-damaged',
    `${name}: ${layout.counts.train} + ${layout.counts.test} images, got ${train} + ${test}`,
    'Get the archive again.',
  )
}

function manifestOf(
  { name, layout }: ImportPlan,
  survey: Survey,
  shards: Manifest['shards'],
  writer: ShardWriter,
  encoding: Manifest['encoding'],
): Manifest {
  const known = knownDataset(layout.name === 'cifar100_coarse' ? 'cifar100' : layout.name)
  const { mean, std } = known && known.mean.length === layout.channels ? known : writer.statistics()
  return manifestSchema.parse({
    format: 1,
    name,
    title: layout.title,
    height: layout.height,
    width: layout.width,
    channels: layout.channels,
    class_names: [...layout.classNames],
    mean: [...mean],
    std: [...std],
    splits: { ...writer.counts },
    shards,
    scattered: layout.scattered,
    encoding,
    class_counts: writer.classCounts,
    source: known?.home ?? survey.root,
    licence: known?.licence ?? 'not known to Basin: it is for you to say',
    citation: known?.citation ?? '',
  })
}
