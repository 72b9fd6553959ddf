/**
 * uint8 images to what a network sees: flipped, shifted with their edges mirrored, normalised by a table, mixed with
 * another image of the batch, a square of them zeroed. Values are moved and looked up; of all this only mixup computes,
 * one sum of two floats, so that the result has the bits of the same steps on the host.
 *
 * Parallelism: an invocation a pixel.
 */
import type * as tf from '../../tf'
import { type Kernels, webGpuKernel } from '../../tf/kernels'
import { type Backend, runFlat, runOf } from '../shared/program'
import { DECODE_IMAGES } from './decodeImages'

export interface DecodeAttrs {
  /** [N, H, W, C] */
  shape: [number, number, number, number]
  /** Offset that is no shift. */
  pad: number
  /** From the first to before the second; empty: nothing is zeroed. */
  rows: [number, number]
  columns: [number, number]
}

/**
 * @param pixels int32: four bytes of [N, H, W, C] in each, the first the lowest
 * @param moves int32 [N]: flip (0 or 1), row and column offset (0 … 2·pad) in a byte each, lowest first
 * @param table [256·C] float32: value v of channel c becomes entry 256·c + v; [2·256·C]: plus what image N − 1 − i has
 * there by the second half
 * @returns [N, H, W, C] float32
 */
export function decodeImages(
  backend: Backend,
  { pixels, moves, table }: Record<'pixels' | 'moves' | 'table', tf.TensorInfo>,
  { shape, pad, rows, columns }: DecodeAttrs,
): tf.TensorInfo {
  const [batch, height, width, channels] = shape
  const count = batch * height * width
  const run = Math.ceil(runOf(backend) / 4)
  const isMixed = table.shape[0] === 2 * 256 * channels
  return runFlat(backend, {
    key: `decodeImages${isMixed ? '_mixed' : ''}`,
    inputs: [
      { name: 'pixels', tensor: pixels, lanes: 1 },
      { name: 'moves', tensor: moves, lanes: 1 },
      { name: 'table', tensor: table, lanes: 1 },
    ],
    outShape: shape,
    outLanes: 1,
    uniforms: { size: [height, width], rows, columns, channels, count, pad, run },
    threads: Math.ceil(count / run),
    code: `
fn reflect_(i : i32, length : i32) -> i32 {
  if (i < 0) { return -i; }
  return select(2 * (length - 1) - i, i, i < length);
}
// Where the pixel of an image comes from.
fn sourceOf(image : i32, place : vec2<i32>) -> i32 {
  let move_ = moves[image];
  let y = reflect_(place.x + ((move_ >> 8u) & 255) - uniforms.pad, uniforms.size.x);
  let shifted = reflect_(place.y + ((move_ >> 16u) & 255) - uniforms.pad, uniforms.size.y);
  let x = select(shifted, uniforms.size.y - 1 - shifted, (move_ & 255) != 0);
  return (image * uniforms.size.x + y) * uniforms.size.y + x;
}
fn byteOf(pixel : i32, c : i32) -> i32 {
  let byte = pixel * uniforms.channels + c;
  return (pixels[byte / 4] >> u32(byte % 4 * 8)) & 255;
}
fn main(thread : i32) {
  let perImage = uniforms.size.x * uniforms.size.y;
  for (var at = thread * uniforms.run; at < min((thread + 1) * uniforms.run, uniforms.count); at++) {
    let image = at / perImage;
    let place = vec2<i32>(at % perImage / uniforms.size.y, at % uniforms.size.y);
    let source = sourceOf(image, place);
    ${isMixed ? 'let partner = sourceOf(uniforms.count / perImage - 1 - image, place);' : ''}
    let first = vec2<i32>(uniforms.rows.x, uniforms.columns.x);
    let end = vec2<i32>(uniforms.rows.y, uniforms.columns.y);
    let isCut = all(place >= first) && all(place < end);
    for (var c = 0; c < uniforms.channels; c++) {
      let own = table[256 * c + byteOf(source, c)];
      ${isMixed ? 'let value = own + table[256 * (uniforms.channels + c) + byteOf(partner, c)];' : 'let value = own;'}
      result[at * uniforms.channels + c] = select(value, 0.0, isCut);
    }
  }
}`,
  })
}

export const webgpu: Kernels = { [DECODE_IMAGES]: webGpuKernel(decodeImages) }
