/** What every image operation works on: uint8 pixels, [height, width, channels], rows from the top, channel last. */

export interface ImageShape {
  height: number
  width: number
  channels: number
}

/** Where pixels come from outside the image, and what a cut-out square is filled with. */
export const GREY = 128

export function sizeOf({ height, width, channels }: ImageShape): number {
  return height * width * channels
}
