/** Cutout as an image operation: a grey square. Source: FACTS §7. */
import { GREY, type ImageShape } from './image'

/** Of the square's centre; it may hang over the edge. */
export interface Centre {
  row: number
  column: number
}

/**
 * Fills rows row − half … row + half − 1 and the same columns, as far as they exist.
 * @param centre absent: the top left corner
 * @param out may be the image itself
 */
export function eraseSquare(
  image: Uint8Array,
  { height, width, channels }: ImageShape,
  half: number,
  out: Uint8Array,
  { row, column }: Centre = { row: 0, column: 0 },
): void {
  if (out !== image) out.set(image)
  const left = Math.max(0, column - half)
  const right = Math.min(width, column + half)
  if (right <= left) return
  for (let y = Math.max(0, row - half); y < Math.min(height, row + half); y++) {
    out.fill(GREY, (y * width + left) * channels, (y * width + right) * channels)
  }
}
