/** Cutout as an image operation: a grey square. Source: the reference's autoaugment/autoaugment.py. */
import { GREY, type ImageShape } from './image'

/** Of the square's centre; it may hang over the edge. */
export interface Centre {
  row: number
  column: number
}

/** Rows and columns from the first of each pair on, up to before the second. */
export interface Rectangle {
  rows: readonly [number, number]
  columns: readonly [number, number]
}

/** Rows row − half … row + half − 1 and the same columns, as far as they exist. */
export function squareAround(
  { row, column }: Centre,
  half: number,
  { height, width }: ImageShape,
): Rectangle {
  return {
    rows: [Math.max(0, row - half), Math.min(height, row + half)],
    columns: [Math.max(0, column - half), Math.min(width, column + half)],
  }
}

/**
 * Fills rows row − half … row + half − 1 and the same columns, as far as they exist.
 * @param centre absent: the top left corner
 * @param out may be the image itself
 */
export function eraseSquare(
  image: Uint8Array,
  shape: ImageShape,
  half: number,
  out: Uint8Array,
  centre: Centre = { row: 0, column: 0 },
): void {
  if (out !== image) out.set(image)
  const { rows, columns } = squareAround(centre, half, shape)
  const { width, channels } = shape
  const [left, right] = columns
  if (right <= left) return
  for (let y = rows[0]; y < rows[1]; y++) {
    out.fill(GREY, (y * width + left) * channels, (y * width + right) * channels)
  }
}
