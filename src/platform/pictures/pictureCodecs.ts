/**
 * The codecs that pictures are read and written with, the same in the page and in Node, so that a picture's pixels do
 * not depend on where it was imported: Squoosh's builds of MozJPEG, libwebp and the png crate (@jsquash), jpeg-js for
 * CMYK, omggif (the first picture of a GIF), fast-bmp.
 */
import decodeJpeg, { init as initJpeg } from '@jsquash/jpeg/decode.js'
import encodeJpeg, { init as initJpegEncoder } from '@jsquash/jpeg/encode.js'
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js'
import { BasinError } from '../../base/errors'
import { type ImageKind, imageHeader } from '../../core/formats/imageHeader'
import type { DecodedImage, ImageDecoder, ImageEncoder } from '../../core/ports'
import { startPng } from './pngCodec'

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

/** A codec's instance: what it makes of bytes. Not asked again once it has thrown. */
type Instance<In, Out> = (input: In) => Out | Promise<Out>
type Start<In, Out> = (module: WebAssembly.Module) => Instance<In, Out> | Promise<Instance<In, Out>>

/**
 * A codec that is loaded and started when it is first needed, and started anew after it has failed at a picture.
 * @throws BasinError `not-loaded` when it cannot be loaded or started, whatever the picture
 */
function codecOf<In, Out>(
  name: WasmCodec,
  load: LoadWasm,
  start: Start<In, Out>,
): (input: In) => Promise<Out> {
  const module = keptUnlessFailed(() => load(name))
  let instance: Promise<Instance<In, Out>> | undefined
  return async (input) => {
    instance ??= module().then((loaded) => {
      const scope = globalThis as { ImageData?: unknown }
      scope.ImageData ??= PlainImageData
      return start(loaded)
    })
    const asked = instance
    const forget = () => {
      if (instance === asked) instance = undefined
    }
    const run = await asked.catch((error) => {
      forget()
      throw notLoaded(`the ${name} codec`, error)
    })
    try {
      return await run(input)
    } catch (error) {
      forget()
      throw error
    }
  }
}

/** A promise that is made once, and again after it has failed. */
function keptUnlessFailed<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined
  return () => {
    kept ??= make().catch((error) => {
      kept = undefined
      throw error
    })
    return kept
  }
}

function notLoaded(what: string, error: unknown): BasinError {
  return new BasinError(
    'not-loaded',
    `pictures: ${what} could not be loaded (${error instanceof Error ? error.message : String(error)})`,
    'The pictures are not the reason. Check the connection (in a terminal: npm install) and import again.',
  )
}

const startJpeg: Start<Uint8Array, DecodedImage> = async (module) => {
  await initJpeg(module)
  return async (bytes) => plain(await decodeJpeg(bytes.slice().buffer as ArrayBuffer))
}

const startWebp: Start<Uint8Array, DecodedImage> = async (module) => {
  await initWebp(module)
  return async (bytes) => plain(await decodeWebp(bytes.slice().buffer as ArrayBuffer))
}

/** Loaded when the first such picture comes: a first visit has none. */
const rareDecoders = keptUnlessFailed(() => import('./plainCodecs'))
const rare = (decode: keyof typeof import('./plainCodecs')) => async (bytes: Uint8Array) => {
  const decoders = await rareDecoders().catch((error) => {
    throw notLoaded('the decoders of rare pictures', error)
  })
  return decoders[decode](bytes)
}

/** Rejects with an Error at a picture that it cannot decode, with a BasinError where the picture is not the reason. */
export function pictureDecoder(load: LoadWasm): ImageDecoder {
  const jpeg = codecOf('jpeg', load, startJpeg)
  const decoders: Record<ImageKind, (bytes: Uint8Array) => Promise<DecodedImage>> = {
    jpeg: (bytes) => (imageHeader(bytes)?.components === 4 ? rare('decodeCmyk')(bytes) : jpeg(bytes)),
    png: codecOf('png', load, startPng),
    webp: codecOf('webp', load, startWebp),
    gif: rare('decodeGif'),
    bmp: rare('decodeBmp'),
  }
  return async (bytes, kind) => {
    try {
      return await decoders[kind](bytes)
    } catch (error) {
      if (error instanceof BasinError) throw error
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
  const encode = codecOf<ImageData, ArrayBuffer>('jpegEncoder', load, async (module) => {
    await initJpegEncoder(module)
    return (image) => encodeJpeg(image, JPEG_OPTIONS)
  })
  return async (pixels, size) => {
    const rgba = new Uint8ClampedArray(size * size * 4).fill(255)
    for (let p = 0; p < size * size; p++) {
      for (let c = 0; c < 3; c++) rgba[4 * p + c] = pixels[3 * p + c]
    }
    return new Uint8Array(await encode(new PlainImageData(rgba, size, size) as ImageData))
  }
}

const plain = ({ width, height, data }: ImageData): DecodedImage => ({
  width,
  height,
  rgba: data as Uint8ClampedArray,
})
