/** Encodes stored pictures with the browser. */
import type { ImageEncoder } from '../ports'

export const browserEncoder: ImageEncoder = async (pixels, size) => {
  const canvas = new OffscreenCanvas(size, size)
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('the browser gave no canvas')
  const image = context.createImageData(size, size)
  for (let p = 0; p < size * size; p++) {
    for (let c = 0; c < 3; c++) image.data[4 * p + c] = pixels[3 * p + c]
    image.data[4 * p + 3] = 255
  }
  context.putImageData(image, 0, 0)
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })
  return new Uint8Array(await blob.arrayBuffer())
}
