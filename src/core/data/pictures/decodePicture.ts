/** A picture file as a square of the stored size, or the reason why it is none. The same in every thread. */

import { BasinError } from '../../../base/errors'
import { endsWhole, imageHeader, withoutExif } from '../../formats/imageHeader'
import type { ImageDecoder } from '../../ports'
import { squareOf } from '../import/resize'

/** Beyond these a picture is passed over. */
const PICTURE_PIXELS = 100e6

/**
 * @returns [size, size, 3]; rejects with an Error that says in a few words what is wrong with the file, and with a
 * BasinError where the file is not the reason (`not-loaded`)
 */
export async function decodePicture(
  bytes: Uint8Array,
  decode: ImageDecoder,
  size: number,
): Promise<Uint8Array> {
  if (bytes.length === 0) throw new Error('empty')
  const header = imageHeader(bytes)
  if (!header) throw new Error('not a picture by its content')
  if (header.width * header.height > PICTURE_PIXELS)
    throw new Error(`${header.width} × ${header.height} pixels`)
  if (header.kind === 'jpeg' && !endsWhole(bytes)) throw new Error('ends early')
  const plain = header.kind === 'jpeg' ? withoutExif(bytes) : bytes
  const image = await decode(plain, header.kind).catch((error) => {
    if (error instanceof BasinError) throw error
    throw new Error(`cannot be decoded (${error instanceof Error ? error.message : String(error)})`)
  })
  return squareOf(image, size)
}

/** Several of them, one after another in memory: [count, size, size, 3]. */
export async function decodePictures(
  files: readonly Uint8Array[],
  decode: ImageDecoder,
  size: number,
): Promise<Uint8Array> {
  const pixels = new Uint8Array(files.length * size * size * 3)
  await Promise.all(
    files.map(async (file, i) => {
      pixels.set(await decodePicture(file, decode, size), i * size * size * 3)
    }),
  )
  return pixels
}
