/** Decoders of the rarer pictures, in JavaScript: CMYK JPEGs, GIF, BMP. */
import { decode as decodeBmpFile } from 'fast-bmp'
import { decode as decodeJpegFile } from 'jpeg-js'
import { GifReader } from 'omggif'
import type { DecodedImage } from '../../core/ports'
import { checkGifCodes } from './gifCodes'

/**
 * R = (255 − C)(255 − K) / 255 of Adobe's CMYK and YCCK, no colour profile.
 * Differs: libjpeg's inverse cosine transform is of whole numbers, this one's of its own; values differ by a few.
 */
export function decodeCmyk(bytes: Uint8Array): DecodedImage {
  const { width, height, data } = decodeJpegFile(bytes, {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: 100,
    maxMemoryUsageInMB: 2048,
  })
  return { width, height, rgba: data }
}

/** The first picture; what it leaves free is black. */
export function decodeGif(bytes: Uint8Array): DecodedImage {
  const reader = new GifReader(bytes as ConstructorParameters<typeof GifReader>[0])
  const { width, height } = reader
  const frame = reader.frameInfo(0)
  if (frame.x + frame.width > width || frame.y + frame.height > height)
    throw new Error('a frame beyond its picture')
  checkGifCodes(bytes, frame.data_offset)
  const rgba = new Uint8Array(width * height * 4)
  reader.decodeAndBlitFrameRGBA(0, rgba)
  return { width, height, rgba }
}

/** 24 bits a pixel, rows from the bottom, as nearly all are. */
export function decodeBmp(bytes: Uint8Array): DecodedImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [pixelsAt, rows, bits] = [view.getUint32(10, true), view.getInt32(22, true), view.getUint16(28, true)]
  const stride = Math.ceil((view.getInt32(18, true) * 3) / 4) * 4
  if (bits !== 24 || rows <= 0 || pixelsAt + stride * rows > bytes.length)
    throw new Error('another kind of BMP')
  const { width, height, data } = decodeBmpFile(bytes)
  const pixels = data as Uint8Array
  const rgba = new Uint8Array(width * height * 4).fill(255)
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) rgba[4 * p + c] = pixels[3 * p + c]
  }
  return { width, height, rgba }
}
