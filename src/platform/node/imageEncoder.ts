/** Encodes stored pictures in Node: Squoosh's build of MozJPEG, baseline, 4:2:0 as the browsers' own. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import encodeJpeg, { init as initJpeg } from '@jsquash/jpeg/encode.js'
import type { ImageEncoder } from '../ports'
import { PlainImageData } from './imageDecoder'

const OPTIONS = {
  quality: 95,
  baseline: true,
  progressive: false,
  auto_subsample: false,
  chroma_subsample: 2,
}

/** @param root folder that `node_modules` is in */
export function nodeEncoder(root: string): ImageEncoder {
  let started: Promise<void> | undefined
  return async (pixels, size) => {
    started ??= start(root)
    await started
    const rgba = new Uint8ClampedArray(size * size * 4).fill(255)
    for (let p = 0; p < size * size; p++) {
      for (let c = 0; c < 3; c++) rgba[4 * p + c] = pixels[3 * p + c]
    }
    return new Uint8Array(await encodeJpeg(new PlainImageData(rgba, size, size) as ImageData, OPTIONS))
  }
}

async function start(root: string): Promise<void> {
  const wasm = await readFile(join(root, 'node_modules/@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm'))
  await initJpeg(new WebAssembly.Module(wasm))
}
