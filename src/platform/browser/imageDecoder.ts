/** Decodes pictures with the browser: no colour management, no premultiplied alpha. EXIF is gone before it comes here. */
import type { ImageDecoder } from '../ports'

export const browserDecoder: ImageDecoder = async (bytes, kind) => {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: `image/${kind}` })
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })
  try {
    const { width, height } = bitmap
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('the browser gave no canvas')
    context.drawImage(bitmap, 0, 0)
    return { width, height, rgba: context.getImageData(0, 0, width, height).data }
  } finally {
    bitmap.close()
  }
}
