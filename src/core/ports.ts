/**
 * What the core asks of its surroundings. The browser answers with IndexedDB and fetch, Node with folders;
 * the core never knows which.
 */

/**
 * Keeps verified shards between visits, as far as it can: they can be had from their source again. Keys are content
 * addresses: `<dataset>/<shard>/<sha256>`.
 */
export interface ShardStore {
  get(key: string): Promise<Uint8Array | undefined>
  /** A shard that there is no room for is no error. */
  put(key: string, bytes: Uint8Array): Promise<void>
}

/** What imported data sets live in: it can be looked through and cleared. */
export interface DataStore {
  /** Throws BasinError `storage` when the value is there and cannot be read. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Stores all of it or nothing. Throws BasinError `storage-full` or `storage`. */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Bytes from `start` up to and without `end` of a value, which is not read whole. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array | undefined>
  /** Keys that begin with `prefix`, ascending. */
  keys(prefix: string): Promise<string[]>
  /** Removes all of them or none; keys that are not there are passed over. */
  remove(keys: readonly string[]): Promise<void>
}

/** What kept runs live in: a run is a folder of files. */
export interface RunFiles extends Omit<DataStore, 'getRange'> {
  /** Adds to the end of a file, which is made where it is not there; what was there stays whatever happens. */
  append(key: string, bytes: Uint8Array): Promise<void>
  /** Bytes of every file whose key begins with `prefix`. */
  sizes(prefix: string): Promise<Map<string, number>>
  /** The file in words that a person knows: a path on disk, the key elsewhere. */
  where(key: string): string
}

/** A file that a person handed in, read piece by piece: a Blob in the page, a path in Node. */
export interface InputFile {
  /** Below what was handed in, with slashes: `train/cat/1.jpg`. */
  path: string
  size: number
  /** Bytes from `start` up to and without `end`. Throws BasinError `storage` when the file cannot be read. */
  slice(start: number, end: number): Promise<Uint8Array>
  stream(): ReadableStream<Uint8Array>
}

/** A decoded picture, as stored: no rotation by EXIF, no colour management. */
export interface DecodedImage {
  width: number
  height: number
  /** [height, width, 4] */
  rgba: Uint8Array | Uint8ClampedArray
}

/**
 * Decodes a picture. Rejects with an Error on what it cannot decode, with a BasinError `not-loaded` where the picture is
 * not the reason.
 */
export type ImageDecoder = (
  bytes: Uint8Array,
  kind: 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp',
) => Promise<DecodedImage>

/** A decoder with threads of its own, which `close` ends, whatever they are at. */
export interface OpenedDecoder {
  decode: ImageDecoder
  close(): void
}

/** Encodes [size, size, 3] pixels as a JPEG. */
export type ImageEncoder = (pixels: Uint8Array, size: number) => Promise<Uint8Array>

/** Where a data set's manifest and shards are fetched from: a URL prefix in the page, a folder in Node. */
export interface ShardSource {
  /** Raw bytes of `path` relative to the data sets' root. Throws BasinError `data-missing` naming the path. */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>
}
