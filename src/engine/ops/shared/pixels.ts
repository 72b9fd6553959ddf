/**
 * Kernels with an invocation a pixel and channel (quad) of a map, in which nothing is shared and nothing is written
 * twice.
 */
import type * as tf from '../../tf'
import { type ConvShape, windowSizes } from './convShape'
import { type Backend, floatType, type Lanes, lanesOf, runFlat } from './program'

interface PixelKernel {
  name: string
  /** Of `inChannels` channels each. */
  inputs: Readonly<Record<string, tf.TensorInfo>>
  /** The map whose pixels they are. */
  of: 'inSize' | 'outSize'
  /** Functions before main. */
  functions?(value: string, lanes: Lanes): string
  /** Sets `result[thread]` by `image`, `pixel` and the channel `c`. */
  main(value: string): string
}

/** @returns [N, H, W, C] of the map */
export function runPixels(
  backend: Backend,
  s: ConvShape,
  { name, inputs, of, functions = () => '', main }: PixelKernel,
): tf.TensorInfo {
  const lanes = lanesOf(s.inChannels)
  const depth = s.inChannels / lanes
  const [height, width] = of === 'inSize' ? [s.inHeight, s.inWidth] : [s.outHeight, s.outWidth]
  const count = s.batch * height * width * depth
  const value = floatType(lanes)
  return runFlat(backend, {
    key: `${name}_${lanes}`,
    inputs: Object.entries(inputs).map(([name, tensor]) => ({ name, tensor, lanes })),
    outShape: [s.batch, height, width, s.inChannels],
    outLanes: lanes,
    uniforms: { ...windowSizes(s), depth, count },
    threads: count,
    code: `${functions(value, lanes)}
fn main(thread : i32) {
  if (thread >= uniforms.count) { return; }
  let c = thread % uniforms.depth;
  let flat = thread / uniforms.depth;
  let perImage = uniforms.${of}.x * uniforms.${of}.y;
  let image = flat / perImage;
  let pixel = vec2<i32>((flat % perImage) / uniforms.${of}.y, flat % uniforms.${of}.y);
  ${main(value)}
}`,
  })
}
