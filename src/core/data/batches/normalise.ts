/**
 * uint8 pixels to normalised float32: ((v / 255) − mean) / std, every operation rounded to float32 as the reference's
 * are. A pixel has 256 values, so the arithmetic is done once per channel and the rest is a look-up.
 * Source: sam_jax/datasets/dataset_source.py; the goldens of kind `augment_batch` (docs/conformance.md).
 */
import type { Dataset } from '../dataset'

/** [channels · 256]: entry 256·c + v is the normalised value of pixel value v in channel c. */
export function normalisationTable({ mean, std }: Pick<Dataset, 'mean' | 'std'>): Float32Array {
  const { fround } = Math
  const table = new Float32Array(mean.length * 256)
  for (let c = 0; c < mean.length; c++) {
    for (let v = 0; v < 256; v++) {
      table[256 * c + v] = fround(fround(fround(v / 255) - fround(mean[c])) / fround(std[c]))
    }
  }
  return table
}

/**
 * @param pixels uint8, channel last; any number of whole pixels
 * @param out where to write, `pixels.length` values from `at` on
 */
export function normaliseInto(pixels: Uint8Array, table: Float32Array, out: Float32Array, at: number): void {
  const channels = table.length / 256
  if (channels === 1) {
    for (let i = 0; i < pixels.length; i++) out[at + i] = table[pixels[i]]
    return
  }
  if (channels === 3) {
    for (let i = 0; i < pixels.length; i += 3) {
      out[at + i] = table[pixels[i]]
      out[at + i + 1] = table[256 + pixels[i + 1]]
      out[at + i + 2] = table[512 + pixels[i + 2]]
    }
    return
  }
  for (let i = 0; i < pixels.length; i += channels) {
    for (let c = 0; c < channels; c++) out[at + i + c] = table[256 * c + pixels[i + c]]
  }
}

/**
 * Pixels that are no longer whole numbers, as ImageNet's are after their resize: (v − 255·mean) / (255·std).
 * @param pixels in units of 0 … 255, channel last, changed in place
 */
export function normaliseFloats(
  pixels: Float32Array,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): void {
  const { fround } = Math
  const channels = mean.length
  for (let c = 0; c < channels; c++) {
    const shift = fround(mean[c] * 255)
    const scale = fround(std[c] * 255)
    for (let i = c; i < pixels.length; i += channels) pixels[i] = fround(fround(pixels[i] - shift) / scale)
  }
}
