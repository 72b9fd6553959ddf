/** Stored pixels as a canvas takes them: grey ones three times, all opaque. */
export function rgbaOf(pixels: Uint8Array, channels: number): Uint8ClampedArray<ArrayBuffer> {
  const count = pixels.length / channels
  const rgba = new Uint8ClampedArray(count * 4)
  for (let p = 0; p < count; p++) {
    for (let c = 0; c < 3; c++) rgba[4 * p + c] = pixels[p * channels + Math.min(c, channels - 1)]
    rgba[4 * p + 3] = 255
  }
  return rgba
}
