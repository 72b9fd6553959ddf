/** The picture codecs, out of node_modules. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LoadWasm, pictureDecoder, pictureEncoder, type WasmCodec } from '../pictures/pictureCodecs'

const FILES: Record<WasmCodec, string> = {
  jpeg: 'jpeg/codec/dec/mozjpeg_dec.wasm',
  jpegEncoder: 'jpeg/codec/enc/mozjpeg_enc.wasm',
  png: 'png/codec/pkg/squoosh_png_bg.wasm',
  webp: 'webp/codec/dec/webp_dec.wasm',
}

const from =
  (root: string): LoadWasm =>
  async (codec) =>
    new WebAssembly.Module(await readFile(join(root, 'node_modules', '@jsquash', FILES[codec])))

/** @param root folder that `node_modules` is in */
export const nodeDecoder = (root: string) => pictureDecoder(from(root))

/** @param root folder that `node_modules` is in */
export const nodeEncoder = (root: string) => pictureEncoder(from(root))
