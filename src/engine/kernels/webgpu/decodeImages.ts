/**
 * uint8 images to what a network sees: flipped, shifted with their edges mirrored, normalised by a table. Every value is
 * moved or looked up, none computed, so that the result has the bits of the same steps on the host.
 *
 * Parallelism: an invocation a pixel.
 */
import type * as tf from '../../tf'
import { type Backend, runFlat, runOf } from './program'

/**
 * @param pixels int32, four bytes of [N, H, W, C] in each, the first the lowest
 * @param moves int32 [N]: flip (0 or 1), row and column offset (0 … 2·pad) in a byte each, lowest first
 * @param table [256·C] float32: value v of channel c becomes entry 256·c + v
 * @param pad offset that is no shift
 * @returns [N, H, W, C] float32
 */
export function decodeImages(
  backend: Backend,
  { pixels, moves, table }: Record<'pixels' | 'moves' | 'table', tf.TensorInfo>,
  shape: [number, number, number, number],
  pad: number,
): tf.TensorInfo {
  const [batch, height, width, channels] = shape
  const count = batch * height * width
  const run = Math.ceil(runOf(backend) / 4)
  return runFlat(backend, {
    key: 'decodeImages',
    inputs: [
      { name: 'pixels', tensor: pixels, lanes: 1 },
      { name: 'moves', tensor: moves, lanes: 1 },
      { name: 'table', tensor: table, lanes: 1 },
    ],
    outShape: shape,
    outLanes: 1,
    uniforms: { size: [height, width], channels, count, pad, run },
    threads: Math.ceil(count / run),
    code: `
fn reflect_(i : i32, length : i32) -> i32 {
  if (i < 0) { return -i; }
  return select(2 * (length - 1) - i, i, i < length);
}
fn main(thread : i32) {
  for (var at = thread * uniforms.run; at < min((thread + 1) * uniforms.run, uniforms.count); at++) {
    let perImage = uniforms.size.x * uniforms.size.y;
    let image = at / perImage;
    let move_ = moves[image];
    let y = reflect_((at % perImage) / uniforms.size.y + ((move_ >> 8u) & 255) - uniforms.pad, uniforms.size.x);
    let shifted = reflect_(at % uniforms.size.y + ((move_ >> 16u) & 255) - uniforms.pad, uniforms.size.y);
    let x = select(shifted, uniforms.size.y - 1 - shifted, (move_ & 255) != 0);
    let from_ = (image * perImage + y * uniforms.size.y + x) * uniforms.channels;
    for (var c = 0; c < uniforms.channels; c++) {
      let byte = from_ + c;
      let value = (pixels[byte / 4] >> u32(byte % 4 * 8)) & 255;
      result[at * uniforms.channels + c] = table[256 * c + value];
    }
  }
}`,
  })
}
