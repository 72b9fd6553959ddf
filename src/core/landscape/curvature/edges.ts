/**
 * The edge of stability: the largest curvature λ of a quadratic at which training settles instead of growing, for the
 * objective that is trained (weight decay included).
 * Source: Cohen et al. 2021 (gradient descent, Polyak); Long & Bartlett 2023 (SAM); Nesterov as here (m = βm + g,
 * θ −= η(g + βm)): where the largest root of its companion matrix reaches −1.
 */

/** gd: θ −= ηg. polyak: m = βm + g, θ −= ηm. nesterov: m = βm + g, θ −= η(g + βm). */
export const EDGE_OPTIMIZERS = ['gd', 'polyak', 'nesterov'] as const
export type EdgeOptimizer = (typeof EDGE_OPTIMIZERS)[number]

export interface EdgeSettings {
  optimizer: EdgeOptimizer
  learningRate: number
  /** β; gd has none. */
  momentum: number
}

/** Without SAM. */
export function stabilityEdge({ optimizer, learningRate, momentum }: EdgeSettings): number {
  if (optimizer === 'gd') return 2 / learningRate
  const polyak = (2 + 2 * momentum) / learningRate
  return optimizer === 'polyak' ? polyak : polyak / (1 + 2 * momentum)
}

/**
 * SAM multiplies the gradient along an eigenvector by 1 + ρλ/‖g‖: the edge is the root of λ·(1 + ρλ/‖g‖) = s, s the
 * edge without it. With gradient descent that is the edge of Long & Bartlett; with momentum it is the value for a
 * frozen ‖g‖, at which an oscillation repeats itself, and no bound that training must keep.
 * @param gradientNorm ‖g‖ at θ
 */
export function samEdge(settings: EdgeSettings, rho: number, gradientNorm: number): number {
  const s = stabilityEdge(settings)
  if (rho === 0) return s
  // 2s/(1 + √…) instead of (‖g‖/2ρ)(√… − 1): nothing cancels where ρ/‖g‖ is small.
  return (2 * s) / (1 + Math.sqrt(1 + (4 * rho * s) / gradientNorm))
}
