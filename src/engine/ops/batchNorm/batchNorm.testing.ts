/** Batch norm's cases and what they should give, by double-precision loops over the definition; the op's own tests. */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../base/random'
import { taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'
import { type Activation, type BatchNormSettings, batchNormAct, normaliseAct } from './batchNorm'

const ACTIVATIONS: Activation[] = ['none', 'relu', 'swish']
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z))
const ACT = {
  none: { of: (z: number) => z, slope: () => 1 },
  relu: { of: (z: number) => Math.max(0, z), slope: (z: number) => (z > 0 ? 1 : 0) },
  swish: {
    of: (z: number) => z * sigmoid(z),
    slope: (z: number) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
  },
}

interface Case {
  shape: number[]
  settings: BatchNormSettings
  x: Float32Array
  gamma: Float32Array
  beta: Float32Array
  dy: Float32Array
  name: string
}

function randomCase(random: RandomStream): Case {
  const pick = <T>(...from: T[]): T => from[random.int(from.length)]
  const channels = pick(1, 2, 3, 4, 7, 8, 10, 16, 20, 64)
  const shape = [pick(1, 2, 3, 5), 1 + random.int(9), 1 + random.int(9), channels].slice(pick(0, 0, 0, 1))
  if (tf.util.sizeFromShape(shape) / channels < 4) shape[0] += 4
  const size = tf.util.sizeFromShape(shape)
  const settings = { epsilon: pick(1e-5, 1e-3), activation: pick(...ACTIVATIONS) }
  return {
    shape,
    settings,
    x: normals(random, size).map((v) => 2 * v + 0.5),
    gamma: normals(random, channels),
    beta: normals(random, channels),
    dy: normals(random, size),
    name: `${shape} ${JSON.stringify(settings)}`,
  }
}

/** Undefined where a value before ReLU is so near zero that rounding decides its side. */
function expected({ shape, settings, x, gamma, beta, dy }: Case) {
  const channels = shape[shape.length - 1]
  const rows = x.length / channels
  const act = ACT[settings.activation]
  const y = new Float64Array(x.length)
  const dx = new Float64Array(x.length)
  const [mean, variance, dGamma, dBeta] = [0, 1, 2, 3].map(() => new Float64Array(channels))
  for (let c = 0; c < channels; c++) {
    let [sum, squares] = [0, 0]
    for (let i = c; i < x.length; i += channels) {
      sum += x[i]
      squares += x[i] ** 2
    }
    mean[c] = sum / rows
    variance[c] = squares / rows - mean[c] ** 2
    const root = 1 / Math.sqrt(variance[c] + settings.epsilon)
    const at = (i: number) => (x[i] - mean[c]) * root
    for (let i = c; i < x.length; i += channels) {
      const z = gamma[c] * at(i) + beta[c]
      if (settings.activation === 'relu' && Math.abs(z) < 1e-4) return undefined
      y[i] = act.of(z)
      const dz = dy[i] * act.slope(z)
      dBeta[c] += dz
      dGamma[c] += dz * at(i)
      dx[i] = dz
    }
    for (let i = c; i < x.length; i += channels) {
      dx[i] = gamma[c] * root * (dx[i] - dBeta[c] / rows - (at(i) * dGamma[c]) / rows)
    }
  }
  return { y, statistics: [...mean, ...variance], dx, dGamma, dBeta }
}

export function casesOf(
  seed: number,
  count: number,
): { c: Case; want: NonNullable<ReturnType<typeof expected>> }[] {
  const random = randomStream(seed, 'init')
  const cases = []
  while (cases.length < count) {
    const c = randomCase(random)
    const want = expected(c)
    if (want) cases.push({ c, want })
  }
  return cases
}

/** Holds what a kernel gave for a case against the loops. */
export function checkCase(
  { name }: Case,
  want: NonNullable<ReturnType<typeof expected>>,
  [y, statistics, dx, dGamma, dBeta]: Float32Array[],
): void {
  const two = statistics.slice(0, want.statistics.length)
  expect(relativeError(y, want.y), `y ${name}`).toBeLessThan(1e-5)
  expect(relativeError(two, want.statistics), `statistics ${name}`).toBeLessThan(1e-5)
  expect(relativeError(dx, want.dx), `dx ${name}`).toBeLessThan(1e-4)
  expect(relativeError(dGamma, want.dGamma), `dgamma ${name}`).toBeLessThan(1e-4)
  expect(relativeError(dBeta, want.dBeta), `dbeta ${name}`).toBeLessThan(1e-4)
}

export function batchNormTests(): void {
  it('as an op: gradients through tfjs, given statistics, nothing left behind', async () => {
    const before = tf.memory().numTensors
    for (const { c, want } of casesOf(22, 30)) {
      const [x, dy] = [tf.tensor(c.x, c.shape), tf.tensor(c.dy, c.shape)]
      const [gamma, beta] = [tf.tensor1d(c.gamma), tf.tensor1d(c.beta)]
      const op = (...[a, g, b]: tf.Tensor[]) =>
        batchNormAct(a, g as tf.Tensor1D, b as tf.Tensor1D, c.settings).y
      const [dx, dGamma, dBeta] = await taken(tf.grads(op)([x, gamma, beta], dy))
      expect(relativeError(dx, want.dx), `dx ${c.name}`).toBeLessThan(1e-4)
      expect(relativeError(dGamma, want.dGamma), `dgamma ${c.name}`).toBeLessThan(1e-4)
      expect(relativeError(dBeta, want.dBeta), `dbeta ${c.name}`).toBeLessThan(1e-4)
      const half = want.statistics.length / 2
      const mean = tf.tensor1d(want.statistics.slice(0, half))
      const variance = tf.tensor1d(want.statistics.slice(half))
      const [y] = await taken([normaliseAct(x, { mean, variance }, gamma, beta, c.settings)])
      expect(relativeError(y, want.y), `given ${c.name}`).toBeLessThan(1e-5)
      tf.dispose([x, dy, gamma, beta, mean, variance])
    }
    expect(tf.memory().numTensors).toBe(before)
  })
}
