/**
 * A decoded picture as a square of the stored size: the largest centred square, each output pixel the mean of what it
 * covers (linear between neighbours where the picture is the smaller one). The same arithmetic everywhere, so that a
 * picture's pixels depend on its decoder alone.
 */
import type { DecodedImage } from '../../ports'

/** @returns [size, size, 3] */
export function squareOf({ width, height, rgba }: DecodedImage, size: number): Uint8Array {
  const side = Math.min(width, height)
  const left = Math.floor((width - side) / 2)
  const top = Math.floor((height - side) / 2)
  if (side === size) return cut(rgba, width, left, top, size)
  const taps = side >= size ? coverage(side, size) : interpolation(side, size)
  // Rows first: [side, size, 3], then columns.
  const rows = new Float32Array(side * size * 3)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < size; x++) {
      const { first, weights } = taps[x]
      let r = 0
      let g = 0
      let b = 0
      for (let i = 0; i < weights.length; i++) {
        const at = ((top + y) * width + left + first + i) * 4
        r += weights[i] * rgba[at]
        g += weights[i] * rgba[at + 1]
        b += weights[i] * rgba[at + 2]
      }
      const to = (y * size + x) * 3
      rows[to] = r
      rows[to + 1] = g
      rows[to + 2] = b
    }
  }
  const pixels = new Uint8Array(size * size * 3)
  const line = new Float64Array(size * 3)
  for (let y = 0; y < size; y++) {
    const { first, weights } = taps[y]
    line.fill(0)
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]
      const from = (first + i) * size * 3
      for (let k = 0; k < line.length; k++) line[k] += weight * rows[from + k]
    }
    const to = y * size * 3
    for (let k = 0; k < line.length; k++) pixels[to + k] = Math.min(255, Math.max(0, Math.round(line[k])))
  }
  return pixels
}

/** Where nothing is to be resized, as in what was stored by this function before. */
function cut(rgba: DecodedImage['rgba'], width: number, left: number, top: number, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3)
  let to = 0
  for (let y = top; y < top + size; y++) {
    for (let at = (y * width + left) * 4; to < (y - top + 1) * size * 3; at += 4) {
      pixels[to++] = rgba[at]
      pixels[to++] = rgba[at + 1]
      pixels[to++] = rgba[at + 2]
    }
  }
  return pixels
}

interface Taps {
  first: number
  weights: number[]
}

/** Output i covers [i, i + 1) · side / size of the input. */
function coverage(side: number, size: number): Taps[] {
  const scale = side / size
  return Array.from({ length: size }, (_, i) => {
    const from = i * scale
    const to = Math.min(side, from + scale)
    const first = Math.floor(from)
    const weights: number[] = []
    for (let p = first; p < to && p < side; p++) {
      weights.push((Math.min(to, p + 1) - Math.max(from, p)) / (to - from))
    }
    return { first, weights }
  })
}

/** Linear between pixel centres. */
function interpolation(side: number, size: number): Taps[] {
  const scale = side / size
  return Array.from({ length: size }, (_, i) => {
    const at = Math.min(side - 1, Math.max(0, (i + 0.5) * scale - 0.5))
    const first = Math.min(Math.floor(at), Math.max(0, side - 2))
    const share = at - first
    return side === 1 ? { first: 0, weights: [1] } : { first, weights: [1 - share, share] }
  })
}
