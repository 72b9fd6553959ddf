/**
 * The picture codecs in a page. JPEGs, of which there are millions, are decoded by the browser itself where it makes
 * of two probe pictures what the kept codec makes of them; anything else, and everything in other browsers, by the
 * kept codecs, so that pixels are those of Node. No colour management. EXIF is gone before it comes here.
 */
import jpegUrl from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url'
import jpegEncoderUrl from '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm?url'
import pngUrl from '@jsquash/png/codec/pkg/squoosh_png_bg.wasm?url'
import webpUrl from '@jsquash/webp/codec/dec/webp_dec.wasm?url'
import { crc32 } from '../../core/formats/crc32'
import { imageHeader } from '../../core/formats/imageHeader'
import type { DecodedImage, ImageDecoder } from '../../core/ports'
import { pictureDecoder, pictureEncoder, type WasmCodec } from '../pictures/pictureCodecs'
import { PROBES, probeBytes } from './probePictures'

const URLS: Record<WasmCodec, string> = {
  jpeg: jpegUrl,
  jpegEncoder: jpegEncoderUrl,
  png: pngUrl,
  webp: webpUrl,
}

async function load(codec: WasmCodec): Promise<WebAssembly.Module> {
  const response = await fetch(URLS[codec])
  if (!response.ok) throw new Error(`${URLS[codec]}: answered ${response.status}`)
  return WebAssembly.compile(await response.arrayBuffer())
}

const kept = pictureDecoder(load)
export const browserEncoder = pictureEncoder(load)

let trusted: Promise<boolean> | undefined

export const browserDecoder: ImageDecoder = async (bytes, kind) => {
  if (kind !== 'jpeg' || imageHeader(bytes)?.components === 4) return kept(bytes, kind)
  trusted ??= agrees()
  if (!(await trusted)) return kept(bytes, kind)
  // What the browser refuses may still be a picture.
  return native(bytes).catch(() => kept(bytes, kind))
}

/** Whether this browser's own decoder has the kept one's inverse transform, chroma interpolation and plain colours. */
async function agrees(): Promise<boolean> {
  try {
    const pixels = await Promise.all(PROBES.map((probe) => native(probeBytes(probe))))
    return pixels.every(({ rgba }, i) => crc32(rgba as Uint8Array) === PROBES[i].crc32)
  } catch {
    return false
  }
}

async function native(bytes: Uint8Array): Promise<DecodedImage> {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' })
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })
  try {
    const { width, height } = bitmap
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('the browser gave no canvas')
    context.drawImage(bitmap, 0, 0)
    return { width, height, rgba: context.getImageData(0, 0, width, height).data }
  } finally {
    bitmap.close()
  }
}
