/** A folder of pictures that is read where it lies: which file is which image is known from the import. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import { sha256 } from '../../base/sha256'
import type { ShardEntry } from '../../core/data/catalog/manifest'
import type { Library, StoredDataset } from '../../core/data/library'
import type { OpenDataset } from '../../core/data/openDataset'
import { decodePictures } from '../../core/data/pictures/decodePicture'
import type { ImageIndex } from '../../core/data/shards/imageIndex'
import { ImageReader } from '../../core/data/shards/imageReader'
import { packShard } from '../../core/data/shards/shard'
import type { ImageDecoder } from '../../core/ports'

type InPlaceFolder = NonNullable<StoredDataset['in_place']>

export function openInPlace(
  library: Library,
  record: StoredDataset,
  { path: folder, files = [] }: InPlaceFolder,
  decode: ImageDecoder,
): OpenDataset {
  const { manifest } = record
  let paths: string[] = []
  const reader = new ImageReader(
    {
      name: manifest.name,
      encoded: true,
      async index(): Promise<ImageIndex> {
        const lists = await Promise.all(files.map((part) => library.readPart(record, part)))
        paths = lists.flatMap((list) => JSON.parse(new TextDecoder().decode(list)) as string[])
        return library.readIndex(record)
      },
      async read(image) {
        const file = join(folder, paths[image])
        const bytes = await readFile(file).catch((error) => {
          throw new BasinError(
            'data-missing',
            `${file}: ${(error as Error).message}`,
            'Put the file back, or import the folder again.',
          )
        })
        return new Uint8Array(bytes)
      },
    },
    library.cacheBytes,
  )
  return { manifest, reader, readShard: (entry) => readShard(reader, manifest, entry, decode) }
}

/** The shard that the folder's files make. @throws BasinError `data-damaged` when it is not the one of the import */
async function readShard(
  reader: ImageReader,
  { name, shards, height }: StoredDataset['manifest'],
  entry: ShardEntry,
  decode: ImageDecoder,
): Promise<Uint8Array> {
  const first = shards.slice(0, shards.indexOf(entry)).reduce((sum, { count }) => sum + count, 0)
  const images = Uint32Array.from({ length: entry.count }, (_, i) => first + i)
  const { labels } = await reader.index()
  const pixels = await decodePictures(await reader.read(images), decode, height)
  const bytes = packShard({ images: pixels, labels: labels.slice(first, first + entry.count) })
  if ((await sha256(bytes)) === entry.unpacked.sha256) return bytes
  throw new BasinError(
    'data-damaged',
    `${name}/${entry.file}: the folder’s pictures are not those that were imported`,
    'Import the folder again.',
  )
}
