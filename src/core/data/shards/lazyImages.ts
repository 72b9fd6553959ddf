/** The images of a split that are read when they are asked for. */

import { concat } from '../../../base/concat'
import { BasinError } from '../../../base/errors'
import type { ImageDecoder } from '../../ports'
import { decodePictures } from '../pictures/decodePicture'
import type { ImageReader } from './imageReader'

export interface LazyImages {
  /**
   * @param positions in the split
   * @returns the images as they are stored, in this order; not to be changed
   */
  read(positions: Uint32Array): Promise<StoredImages>
  /** The same, decoded: [n, height, width, channels] uint8, the caller's to keep. */
  pixels(positions: Uint32Array): Promise<Uint8Array>
}

/** One of both. */
export interface StoredImages {
  /** [n, height, width, channels] uint8, the caller's to keep */
  pixels?: Uint8Array
  /** [n] picture files */
  files?: Uint8Array[]
}

/**
 * @param numbers [count] of each image of the split over all shards
 * @param size of a stored image's side; only used for picture files
 */
export function lazyImages(
  reader: ImageReader,
  numbers: Uint32Array,
  size: number,
  decode: ImageDecoder | undefined,
): LazyImages {
  const read = async (positions: Uint32Array): Promise<StoredImages> => {
    const images = await reader.read(positions.map((position) => numbers[position]))
    return reader.encoded ? { files: images } : { pixels: concat(images) }
  }
  return {
    read,
    async pixels(positions) {
      const { pixels, files = [] } = await read(positions)
      if (pixels) return pixels
      if (!decode) throw new BasinError('internal', 'images: picture files need a decoder')
      return decodePictures(files, decode, size)
    },
  }
}
