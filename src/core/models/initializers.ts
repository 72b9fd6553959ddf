/**
 * Initial weight distributions. Distributions are the reference's, its random bits (JAX threefry) are not.
 * Fans follow the reference: fan_in = product of all axes but the last, fan_out = receptive field × last axis.
 */
import type { Initializer } from './network'

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)

const fanIn = (shape: readonly number[]): number => product(shape.slice(0, -1))
const fanOut = (shape: readonly number[]): number => product(shape.slice(0, -2)) * shape[shape.length - 1]

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

/** Standard deviation of a standard normal cut off at ±2. */
const TRUNCATED_DEVIATION = 0.87962566103423978

/** Cut off at two standard deviations of the uncut normal, widened so that the variance is the one asked for. */
const truncatedNormalWith =
  (variance: (shape: readonly number[]) => number): Initializer =>
  (out, shape, random) => {
    const deviation = Math.sqrt(variance(shape)) / TRUNCATED_DEVIATION
    for (let i = 0; i < out.length; i++) out[i] = deviation * random.truncatedNormal()
  }

/** Normal with variance 2 / fan_out: the CIFAR networks' convolutions. */
export const heNormalFanOut: Initializer = normalWith((shape) => 2 / fanOut(shape))

/** Normal with variance 2 / fan_in. Source: He et al. 2015, eq. 10. */
export const heNormal: Initializer = normalWith((shape) => 2 / fanIn(shape))

/** Normal with variance 1 / fan_in. Source: LeCun et al. 1998, §4.6. */
export const lecunNormal: Initializer = normalWith((shape) => 1 / fanIn(shape))

/** Truncated normal with variance 1 / fan_in: everything in the reference's ResNets. */
export const truncatedLecunNormal: Initializer = truncatedNormalWith((shape) => 1 / fanIn(shape))

/** Truncated normal with variance 2 / fan_out: EfficientNet's convolutions. */
export const truncatedHeNormalFanOut: Initializer = truncatedNormalWith((shape) => 2 / fanOut(shape))

/** Uniform in ±1/√classes: the last layer of the CIFAR networks and of EfficientNet. */
export const uniformByClasses: Initializer = (out, shape, random) => {
  const limit = 1 / Math.sqrt(shape[shape.length - 1])
  for (let i = 0; i < out.length; i++) out[i] = limit * (2 * random.uniform() - 1)
}
