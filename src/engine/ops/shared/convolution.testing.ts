/**
 * What the kernels are tested against: a convolution and its two gradients as plain double loops over their
 * definition, seeded random cases, and the same three products asked of tfjs (which calls the registered kernels).
 */
import * as tf from '../../tf'
import type { ConvShape } from './convShape'

/** What is needed of a seeded stream (base/random). */
interface Random {
  int(n: number): number
  normal(): number
}

type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]]

export interface ConvCase {
  name: string
  x: number[]
  w: number[]
  y: number[]
  strides: [number, number]
  pad: Pad
  /** Rows above and columns left of the image. */
  before: [number, number]
  values: { x: Float32Array; w: Float32Array; dy: Float32Array }
}

export interface Products<A> {
  y: A
  dw: A
  dx: A
}

/** Fills `n` values with standard normals. */
export function normals(random: Random, n: number): Float32Array {
  return Float32Array.from({ length: n }, () => random.normal())
}

const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1)

/** `count` cases: odd sizes, one channel, batch 1, strides 1 to 3, kernels 1, 3, 5, 7, every kind of padding. */
export function convCases(count: number, random: Random): ConvCase[] {
  const pick = <T>(...from: T[]): T => from[random.int(from.length)]
  return casesOf(count, random, () => ({
    kernel: [pick(1, 3, 3, 5, 7), pick(1, 3, 3, 5, 7)],
    strides: [pick(1, 1, 2, 3), pick(1, 1, 2, 3)],
    image: [1 + random.int(15), 1 + random.int(15)],
    channels: [pick(1, 2, 3, 4, 8, 10, 12, 16, 20), pick(1, 2, 4, 5, 8, 10, 16, 36)],
  }))
}

/** As `convCases`, of the convolutions that kernels of rows take: three wide, stride 1, whole quads of channels. */
export function rowCases(count: number, random: Random): ConvCase[] {
  const pick = <T>(...from: T[]): T => from[random.int(from.length)]
  return casesOf(count, random, () => ({
    kernel: [pick(1, 3, 3, 5), 3],
    strides: [1, 1],
    image: [1 + random.int(15), 1 + random.int(15)],
    channels: [pick(4, 8, 12, 16, 20), pick(4, 8, 16, 36)],
  }))
}

interface Sizes {
  kernel: number[]
  strides: [number, number]
  image: number[]
  channels: number[]
}

function casesOf(count: number, random: Random, sizes: () => Sizes): ConvCase[] {
  const pick = <T>(...from: T[]): T => from[random.int(from.length)]
  const cases: ConvCase[] = []
  while (cases.length < count) {
    const { kernel, strides, image, channels } = sizes()
    const kind = pick('same', 'valid', 'explicit')
    const pads = image.map((length, i) => {
      if (kind === 'valid') return [0, 0]
      if (kind === 'explicit') return [random.int(kernel[i]), random.int(kernel[i])]
      const total = Math.max(0, (Math.ceil(length / strides[i]) - 1) * strides[i] + kernel[i] - length)
      return [total >> 1, total - (total >> 1)]
    })
    const out = image.map(
      (length, i) => Math.floor((length + pads[i][0] + pads[i][1] - kernel[i]) / strides[i]) + 1,
    )
    if (out[0] < 1 || out[1] < 1) continue
    const batch = pick(1, 2, 3, 5)
    const x = [batch, ...image, channels[0]]
    const w = [...kernel, ...channels]
    const y = [batch, ...out, channels[1]]
    const pad = kind === 'explicit' ? ([[0, 0], pads[0], pads[1], [0, 0]] as Pad) : (kind as Pad)
    cases.push({
      name: `x ${x.join('×')}, w ${w.join('×')}, strides ${strides.join('×')}, pad ${JSON.stringify(pad)}`,
      x,
      w,
      y,
      strides,
      pad,
      before: [pads[0][0], pads[1][0]],
      values: { x: normals(random, size(x)), w: normals(random, size(w)), dy: normals(random, size(y)) },
    })
  }
  return cases
}

/** The case's sizes as the kernels take them. */
export function shapeOf({ x, w, y, strides, before }: ConvCase): ConvShape {
  return {
    batch: x[0],
    inHeight: x[1],
    inWidth: x[2],
    inChannels: x[3],
    outHeight: y[1],
    outWidth: y[2],
    outChannels: y[3],
    filterHeight: w[0],
    filterWidth: w[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: before[0],
    padLeft: before[1],
  }
}

/** The definition: every (output pixel, tap, channel pair) adds one term to each of the three products. */
export function expectedProducts({ x, w, y, strides, before, values }: ConvCase): Products<Float64Array> {
  const [out, dw, dx] = [y, w, x].map((shape) => new Float64Array(size(shape)))
  const { x: image, w: filter, dy } = values
  const [batch, height, width, inChannels] = x
  const [kernelHeight, kernelWidth, , outChannels] = w
  const outPixels = batch * y[1] * y[2]
  for (let pixel = 0; pixel < outPixels; pixel++) {
    const n = Math.floor(pixel / (y[1] * y[2]))
    const [oy, ox] = [Math.floor(pixel / y[2]) % y[1], pixel % y[2]]
    for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
      const iy = oy * strides[0] - before[0] + Math.floor(tap / kernelWidth)
      const ix = ox * strides[1] - before[1] + (tap % kernelWidth)
      if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue
      for (let ci = 0; ci < inChannels; ci++) {
        const at = ((n * height + iy) * width + ix) * inChannels + ci
        for (let co = 0; co < outChannels; co++) {
          const weight = (tap * inChannels + ci) * outChannels + co
          const o = pixel * outChannels + co
          out[o] += image[at] * filter[weight]
          dw[weight] += image[at] * dy[o]
          dx[at] += filter[weight] * dy[o]
        }
      }
    }
  }
  return { y: out, dw, dx }
}

/** tf.conv2d and its gradients at `dy` on the current backend. */
export async function tfjsProducts(c: ConvCase): Promise<Products<Float32Array>> {
  const tensors = tf.tidy(() => {
    const x = tf.tensor4d(c.values.x, c.x as [number, number, number, number])
    const w = tf.tensor4d(c.values.w, c.w as [number, number, number, number])
    const dy = tf.tensor4d(c.values.dy, c.y as [number, number, number, number])
    const conv = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, c.strides, c.pad)
    const [dx, dw] = tf.grads(conv)([x, w], dy)
    return { y: conv(x, w) as tf.Tensor, dx, dw }
  })
  const { y, dx, dw } = tensors
  const [yValues, dxValues, dwValues] = await Promise.all([y.data(), dx.data(), dw.data()])
  tf.dispose(tensors)
  return { y: yValues as Float32Array, dx: dxValues as Float32Array, dw: dwValues as Float32Array }
}

/** max |a − b| / max |b|; Infinity for differing lengths or a value that is not a number. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let difference = 0
  let largest = 0
  for (let i = 0; i < b.length; i++) {
    if (Number.isNaN(a[i])) return Number.POSITIVE_INFINITY
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
  }
  return difference === 0 ? 0 : difference / largest
}
