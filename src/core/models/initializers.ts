/**
 * Initial weight distributions. Distributions are the reference's, its random bits (JAX threefry) are not.
 * Fans follow the reference: fan_in = product of all axes but the last, fan_out = receptive field × last axis.
 */
import type { Initializer } from './network'

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)

export const fanIn = (shape: readonly number[]): number => product(shape.slice(0, -1))
export const fanOut = (shape: readonly number[]): number =>
  product(shape.slice(0, -2)) * shape[shape.length - 1]

export const zeros: Initializer = (out) => {
  out.fill(0)
}

export const ones: Initializer = (out) => {
  out.fill(1)
}

const normalWith =
  (variance: (shape: readonly number[]) => number): Initializer =>
  (out, shape, random) => {
    const deviation = Math.sqrt(variance(shape))
    for (let i = 0; i < out.length; i++) out[i] = deviation * random.normal()
  }

/** Normal with variance 2 / fan_out: the CIFAR networks' convolutions. */
export const heNormalFanOut: Initializer = normalWith((shape) => 2 / fanOut(shape))

/** Normal with variance 2 / fan_in. Source: He et al. 2015, eq. 10. */
export const heNormal: Initializer = normalWith((shape) => 2 / fanIn(shape))

/** Normal with variance 1 / fan_in. Source: LeCun et al. 1998, §4.6. */
export const lecunNormal: Initializer = normalWith((shape) => 1 / fanIn(shape))

/** Uniform in ±1/√classes: the CIFAR networks' last layer. */
export const uniformByClasses: Initializer = (out, shape, random) => {
  const limit = 1 / Math.sqrt(shape[shape.length - 1])
  for (let i = 0; i < out.length; i++) out[i] = limit * (2 * random.uniform() - 1)
}
