/**
 * The codecs that pictures are read and written with, the same in the page and in Node, so that a picture's pixels do
 * not depend on where it was imported: Squoosh's builds of MozJPEG, libwebp and the png crate (@jsquash), jpeg-js for
 * CMYK, omggif (the first picture of a GIF), fast-bmp.
 */
import decodeJpeg, { init as initJpeg } from '@jsquash/jpeg/decode.js'
import encodeJpeg, { init as initJpegEncoder } from '@jsquash/jpeg/encode.js'
import { decode as decodePng, init as initPng } from '@jsquash/png/decode.js'
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js'
import { type ImageKind, imageHeader } from '../core/data/import/imageHeader'
import type { DecodedImage, ImageDecoder, ImageEncoder } from './ports'

export type WasmCodec = 'jpeg' | 'jpegEncoder' | 'png' | 'webp'

/** Compiles a codec; asked for when the first picture of its kind comes. */
export type LoadWasm = (codec: WasmCodec) => Promise<WebAssembly.Module>

/** What the codecs hand their pixels over in; browsers have it, Node does not. */
class PlainImageData {
  readonly colorSpace = 'srgb'
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

const INITS = { jpeg: initJpeg, jpegEncoder: initJpegEncoder, png: initPng, webp: initWebp }

/** Codecs compiled and started once; one that has failed at a file is started anew. */
class Codecs {
  readonly #modules = new Map<WasmCodec, Promise<WebAssembly.Module>>()
  readonly #started = new Set<WasmCodec>()

  constructor(private readonly load: LoadWasm) {}

  async run<T>(codec: WasmCodec, work: () => Promise<T>): Promise<T> {
    const scope = globalThis as { ImageData?: unknown }
    scope.ImageData ??= PlainImageData
    const loading = this.#modules.get(codec) ?? this.load(codec)
    this.#modules.set(codec, loading)
    const module = await loading.catch((error) => {
      this.#modules.delete(codec)
      throw error
    })
    if (!this.#started.has(codec)) {
      this.#started.add(codec)
      await INITS[codec](module)
    }
    try {
      return await work()
    } catch (error) {
      this.#started.delete(codec)
      throw error
    }
  }
}

/** Loaded when the first such picture comes: a first visit has none. */
const rare = (decode: keyof typeof import('./plainCodecs')) => async (bytes: Uint8Array) =>
  (await import('./plainCodecs'))[decode](bytes)

export function pictureDecoder(load: LoadWasm): ImageDecoder {
  const codecs = new Codecs(load)
  const wasm =
    (codec: WasmCodec, decode: (bytes: ArrayBuffer) => Promise<ImageData>) => (bytes: Uint8Array) =>
      codecs.run(codec, async () => plain(await decode(bytes.slice().buffer as ArrayBuffer)))
  const jpeg = wasm('jpeg', decodeJpeg)
  const decoders: Record<ImageKind, (bytes: Uint8Array) => DecodedImage | Promise<DecodedImage>> = {
    jpeg: (bytes) => (imageHeader(bytes)?.components === 4 ? rare('decodeCmyk')(bytes) : jpeg(bytes)),
    png: wasm('png', decodePng),
    webp: wasm('webp', decodeWebp),
    gif: rare('decodeGif'),
    bmp: rare('decodeBmp'),
  }
  return async (bytes, kind) => {
    try {
      return await decoders[kind](bytes)
    } catch {
      // The codecs throw numbers, empty objects and sentences of their own.
      throw new Error(`damaged ${kind}, or of a kind that is not read`)
    }
  }
}

/** Quality 95, baseline, 4:2:0. */
const JPEG_OPTIONS = {
  quality: 95,
  baseline: true,
  progressive: false,
  auto_subsample: false,
  chroma_subsample: 2,
}

export function pictureEncoder(load: LoadWasm): ImageEncoder {
  const codecs = new Codecs(load)
  return (pixels, size) =>
    codecs.run('jpegEncoder', async () => {
      const rgba = new Uint8ClampedArray(size * size * 4).fill(255)
      for (let p = 0; p < size * size; p++) {
        for (let c = 0; c < 3; c++) rgba[4 * p + c] = pixels[3 * p + c]
      }
      return new Uint8Array(await encodeJpeg(new PlainImageData(rgba, size, size) as ImageData, JPEG_OPTIONS))
    })
}

const plain = ({ width, height, data }: ImageData): DecodedImage => ({
  width,
  height,
  rgba: data as Uint8ClampedArray,
})
