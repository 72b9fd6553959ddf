/**
 * Between images and matrices: the patch matrix of one image, [outHeight·outWidth, filterHeight·filterWidth·
 * inChannels], in which a convolution is a matrix product, and the way back. In NHWC the pixels that one filter row
 * meets lie side by side, so that both ways move runs, not single values.
 */
import type { ConvShape } from '../shared/convShape'

/** Length of a patch: filterHeight·filterWidth·inChannels. */
export const patchLength = (s: ConvShape): number => s.filterHeight * s.filterWidth * s.inChannels

type Run = (patch: number, length: number, image: number) => void

/**
 * Calls `run` for each filter row of each output pixel: its place in the patch matrix, the number of values that
 * lie inside the image, and where they lie in it; `outside` for the values in the padding.
 */
function forEachRun(s: ConvShape, run: Run, outside?: (patch: number, length: number) => void): void {
  const rowLength = s.filterWidth * s.inChannels
  let patch = 0
  for (let oy = 0; oy < s.outHeight; oy++) {
    for (let ox = 0; ox < s.outWidth; ox++) {
      const left = ox * s.strideWidth - s.padLeft
      const before = Math.min(Math.max(0, -left), s.filterWidth) * s.inChannels
      const end = Math.max(0, Math.min(s.filterWidth, s.inWidth - left)) * s.inChannels
      for (let ky = 0; ky < s.filterHeight; ky++, patch += rowLength) {
        const iy = oy * s.strideHeight - s.padTop + ky
        if (iy < 0 || iy >= s.inHeight || end <= before) {
          outside?.(patch, rowLength)
          continue
        }
        if (before > 0) outside?.(patch, before)
        run(patch + before, end - before, (iy * s.inWidth + left) * s.inChannels + before)
        if (end < rowLength) outside?.(patch + end, rowLength - end)
      }
    }
  }
}

/** Fills `patches` from the image that starts at x[offset]; zeros stand for the padding. */
export function imageToPatches(x: Float32Array, offset: number, s: ConvShape, patches: Float64Array): void {
  forEachRun(
    s,
    (patch, length, image) => {
      for (let i = 0; i < length; i++) patches[patch + i] = x[offset + image + i]
    },
    (patch, length) => {
      for (let i = 0; i < length; i++) patches[patch + i] = 0
    },
  )
}

/** Adds each value of `patches` to the pixel of `image` it came from: the transpose of `imageToPatches`. */
export function addPatchesToImage(patches: Float64Array, s: ConvShape, image: Float64Array): void {
  forEachRun(s, (patch, length, at) => {
    for (let i = 0; i < length; i++) image[at + i] += patches[patch + i]
  })
}
