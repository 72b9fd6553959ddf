/** What drawings are made with: a canvas, or an SVG that is the same to the point. */

export interface TextLook {
  size: number
  color: string
  weight?: number
  /** Of the words beside the point. */
  align?: 'start' | 'middle' | 'end'
  /** Radians, clockwise. */
  turn?: number
  /** Drawn around the letters, so that they are read on anything. */
  halo?: string
}

export interface LineLook {
  color: string
  width: number
  dash?: readonly number[]
  opacity?: number
}

/** Small pictures whose pixels are points of a grid. */
export interface Pixels {
  columns: number
  rows: number
  /** Four bytes each, from the top. */
  rgba: Uint8ClampedArray<ArrayBuffer>
}

export interface Square {
  left: number
  top: number
  side: number
}

/** Lengths in CSS pixels, points as x, y, x, y … */
export interface Pen {
  /** @param seam covers the gaps that antialiasing leaves between neighbours */
  polygon(points: readonly number[], fill: string, seam?: boolean): void
  line(points: readonly number[], look: LineLook): void
  /** Several lines of one look. */
  lines(lines: readonly (readonly number[])[], look: LineLook): void
  circle(x: number, y: number, radius: number, fill: string | undefined, line?: LineLook): void
  /** Lit from above. */
  ball(x: number, y: number, radius: number, color: string): void
  /** Half a pixel of the picture is cut off on every side: its points stand on the corners. */
  pixels(pixels: Pixels, square: Square): void
  text(text: string, x: number, y: number, look: TextLook): void
  widthOf(text: string, size: number, weight?: number): number
}

/** The first that has room; the last, cut, where none has. */
export function fitting(pen: Pen, texts: readonly string[], room: number, size: number): string {
  const found = texts.find((text) => pen.widthOf(text, size) <= room)
  return found ?? fitted(pen, texts[texts.length - 1], room, size)
}

/** Cut where it has no room. */
export function fitted(pen: Pen, text: string, room: number, size: number, weight = 400): string {
  if (pen.widthOf(text, size, weight) <= room) return text
  let length = text.length - 1
  while (length > 1 && pen.widthOf(`${text.slice(0, length)}…`, size, weight) > room) length--
  return `${text.slice(0, length).trimEnd()}…`
}
