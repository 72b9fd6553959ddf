/**
 * Curves from one point to another with one bend θ, which is all that is trained of them:
 *     quadratic Bézier   φ(t) = (1−t)²·w₀ + 2t(1−t)·θ + t²·w₁
 *     polychain          straight from w₀ to θ (t ≤ ½) and on to w₁
 * Source: Garipov, Izmailov, Podoprikhin, Vetrov, Wilson, "Loss Surfaces, Mode Connectivity, and Fast Ensembling of
 * DNNs", NeurIPS 2018, §3.
 */

export const BENDS = ['bezier', 'polychain'] as const
export type Bend = (typeof BENDS)[number]

/** The shares of w₀, θ and w₁ in φ(t). */
export function shares(bend: Bend, t: number): [from: number, bend: number, to: number] {
  if (bend === 'bezier') return [(1 - t) ** 2, 2 * t * (1 - t), t ** 2]
  return t <= 0.5 ? [1 - 2 * t, 2 * t, 0] : [0, 2 - 2 * t, 2 * t - 1]
}
