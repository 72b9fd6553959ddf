/**
 * Between a degenerate value and the image's own, or beyond: the one formula of color, contrast, brightness, sharpness.
 * Source: the reference's autoaugment/autoaugment.py.
 */
const { fround } = Math

export type Blend = (degenerate: number, original: number) => number

/**
 * degenerate + factor·(original − degenerate) in float32, cut to 0 … 255, fraction dropped.
 * @param factor 0 gives `degenerate`, 1 gives `original`, unchanged; at least 0
 */
export function blending(factor: number): Blend {
  if (factor === 0) return (degenerate) => degenerate
  if (factor === 1) return (_, original) => original
  const f = fround(factor)
  // Between 0 and 1 nothing is cut in the reference, and nothing need be.
  return (degenerate, original) => {
    const value = fround(degenerate + fround(f * (original - degenerate)))
    return value <= 0 ? 0 : value >= 255 ? 255 : value | 0
  }
}
