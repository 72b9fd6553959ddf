/**
 * Between a degenerate value and the image's own, or beyond: the one formula of color, contrast, brightness, sharpness.
 * Source: FACTS §7.
 */
const { fround } = Math

/**
 * degenerate + factor·(original − degenerate) in float32, cut to 0 … 255 outside the two, fraction dropped.
 * @param factor 0 gives `degenerate`, 1 gives `original`, unchanged; at least 0
 */
export function blend(degenerate: number, original: number, factor: number): number {
  if (factor === 0) return degenerate
  if (factor === 1) return original
  const value = fround(degenerate + fround(fround(factor) * (original - degenerate)))
  return Math.trunc(value < 0 ? 0 : value > 255 ? 255 : value)
}
