/**
 * Equalize and autocontrast: tables that come from a channel's own values.
 * Source: the reference's autoaugment/autoaugment.py.
 */
import type { ImageShape } from './image'
import type { Lookup } from './lookup'

const { fround } = Math

/** Spreads each channel's values from its darkest to 0 and its brightest to 255; a flat channel stays as it is. */
export function autoContrast(image: Uint8Array, { channels }: ImageShape): (Lookup | undefined)[] {
  return Array.from({ length: channels }, (_, c) => {
    let low = 255
    let high = 0
    for (let i = c; i < image.length; i += channels) {
      const value = image[i]
      if (value < low) low = value
      if (value > high) high = value
    }
    if (high <= low) return undefined
    const scale = fround(255 / (high - low))
    const offset = fround(-low * scale)
    const table = new Uint8Array(256)
    for (let x = low; x <= high; x++) {
      const value = fround(fround(x * scale) + offset)
      table[x] = value < 0 ? 0 : value > 255 ? 255 : value
    }
    return table
  })
}

/** Flattens each channel's histogram; a channel with too few values for a step of one stays as it is. */
export function equalize(image: Uint8Array, { channels }: ImageShape): (Lookup | undefined)[] {
  const counts = new Int32Array(256)
  return Array.from({ length: channels }, (_, c) => {
    counts.fill(0)
    for (let i = c; i < image.length; i += channels) counts[image[i]]++
    let last = 255
    while (counts[last] === 0 && last > 0) last--
    const step = Math.floor((image.length / channels - counts[last]) / 255)
    if (step === 0) return undefined
    const table = new Uint8Array(256)
    let sum = Math.floor(step / 2)
    for (let x = 0; x < 255; x++) {
      sum += counts[x]
      table[x + 1] = Math.min(255, Math.floor(sum / step))
    }
    return table
  })
}
