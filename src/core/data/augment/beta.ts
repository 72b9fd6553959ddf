/** Draws of mixup's share. */
import type { RandomStream } from '../../../base/random'

/**
 * One draw of Beta(α, α): uniform for α = 1, else by Johnk's rejection (α < 1) or two gamma draws (α > 1).
 * Source: Jöhnk 1964; Marsaglia and Tsang 2000.
 */
export function drawBeta(alpha: number, random: RandomStream): number {
  if (alpha === 1) return random.uniform()
  if (alpha < 1) {
    for (;;) {
      const x = random.uniform() ** (1 / alpha)
      const y = random.uniform() ** (1 / alpha)
      // Tiny α: both powers can underflow.
      if (x + y <= 1 && x + y > 0) return x / (x + y)
      if (x + y === 0 && alpha < 0.01) return random.int(2)
    }
  }
  const x = drawGamma(alpha, random)
  return x / (x + drawGamma(alpha, random))
}

/** Gamma(shape, 1) for shape ≥ 1. */
function drawGamma(shape: number, random: RandomStream): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const z = random.normal()
    const v = (1 + c * z) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v
  }
}
