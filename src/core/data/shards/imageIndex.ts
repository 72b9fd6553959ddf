/**
 * What is known of every image of an imported set without reading it: its label, how long it is and its CRC-32. With
 * it a run can read single images out of shards that are too many for memory. One record of twelve bytes an image, in
 * the order of the manifest's shards: label, bytes, CRC, each uint32 little-endian.
 */
import { BasinError } from '../../../base/errors'
import { type Labels, labelArray } from '../labels'
import { MAX_SHARD_BYTES } from './shard'

export interface ImageIndex {
  /** [images] of training and test shards, as all columns. */
  labels: Labels
  lengths: Uint32Array
  sums: Uint32Array
}

const RECORD = 12
/** Images that one stored value lists. */
export const INDEXED_IMAGES = Math.floor(MAX_SHARD_BYTES / RECORD)

/** Records of images `first` up to and without `end`. */
export function packIndex({ labels, lengths, sums }: ImageIndex, first: number, end: number): Uint8Array {
  const view = new DataView(new ArrayBuffer((end - first) * RECORD))
  for (let i = first; i < end; i++) {
    const at = (i - first) * RECORD
    view.setUint32(at, labels[i], true)
    view.setUint32(at + 4, lengths[i], true)
    view.setUint32(at + 8, sums[i], true)
  }
  return new Uint8Array(view.buffer)
}

/**
 * @param pieces what `packIndex` gave, in order
 * @throws BasinError `data-damaged` when they are not of `count` images of these classes
 */
export function unpackIndex(
  pieces: readonly Uint8Array[],
  name: string,
  count: number,
  numClasses: number,
): ImageIndex {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (bytes !== count * RECORD) {
    throw new BasinError(
      'data-damaged',
      `${name}: an index of ${count} images is ${count * RECORD} bytes, got ${bytes}`,
    )
  }
  const index = {
    labels: labelArray(count, numClasses),
    lengths: new Uint32Array(count),
    sums: new Uint32Array(count),
  }
  let i = 0
  for (const piece of pieces) {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength)
    for (let at = 0; at < piece.length; at += RECORD, i++) {
      const label = view.getUint32(at, true)
      if (label >= numClasses) {
        throw new BasinError('data-damaged', `${name}: labels below ${numClasses}, got ${label} at ${i}`)
      }
      index.labels[i] = label
      index.lengths[i] = view.getUint32(at + 4, true)
      index.sums[i] = view.getUint32(at + 8, true)
    }
  }
  return index
}
