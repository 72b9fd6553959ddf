/**
 * Decodes pictures in Node: Squoosh's builds of MozJPEG, libwebp and the png crate (@jsquash). MozJPEG does not turn
 * CMYK into RGB; such pictures are passed over by name.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import decodeJpeg, { init as initJpeg } from '@jsquash/jpeg/decode.js'
import { decode as decodePng, init as initPng } from '@jsquash/png/decode.js'
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js'
import { imageHeader } from '../../core/data/import/imageHeader'
import type { DecodedImage, ImageDecoder } from '../ports'

/** What the codecs hand their pixels over in; browsers have it, Node does not. */
export class PlainImageData {
  readonly colorSpace = 'srgb'
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

let started: Promise<void> | undefined

/** @param root folder that `node_modules` is in */
export function nodeDecoder(root: string): ImageDecoder {
  return async (bytes, kind): Promise<DecodedImage> => {
    started ??= start(root)
    await started
    if (kind === 'jpeg' && imageHeader(bytes)?.components === 4) throw new Error('CMYK')
    const codec = { jpeg: decodeJpeg, png: decodePng, webp: decodeWebp, gif: undefined, bmp: undefined }[kind]
    if (!codec) throw new Error(`${kind} is only read in the browser`)
    try {
      return plain(await codec(bytes.slice().buffer as ArrayBuffer))
    } catch {
      // The codecs throw numbers and empty objects.
      throw new Error(`damaged ${kind}`)
    }
  }
}

const plain = ({ width, height, data }: ImageData): DecodedImage => ({
  width,
  height,
  rgba: data as Uint8ClampedArray,
})

async function start(root: string): Promise<void> {
  const scope = globalThis as { ImageData?: unknown }
  scope.ImageData ??= PlainImageData
  const module = async (path: string) =>
    new WebAssembly.Module(await readFile(join(root, 'node_modules', '@jsquash', path)))
  await initJpeg(await module('jpeg/codec/dec/mozjpeg_dec.wasm'))
  await initPng(await module('png/codec/pkg/squoosh_png_bg.wasm'))
  await initWebp(await module('webp/codec/dec/webp_dec.wasm'))
}
