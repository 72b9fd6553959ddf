/** Batch norm with its activation in WebAssembly: sums by parts of the rows, statistics, one pass that applies them. */
import type * as tf from '../../tf'
import type { Inputs, Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { sizeOf, type WasmBackend, wasmKernel } from '../shared/onWasm'
import { type Activation, BATCH_NORM, type BatchNormSettings, NORMALISE } from './batchNorm'

const CODES: Record<Activation, number> = { none: 0, relu: 1, swish: 2 }

/** Rows of a part: sums of so many lose little, and its values stay in a cache. */
const PART_ROWS = 128
/** Of an activation: exponentials are many instructions. */
const workOf = (size: number, activation: Activation) => size * (activation === 'swish' ? 16 : 4)

function partsOf(shape: readonly number[]) {
  const channels = shape[shape.length - 1]
  const size = sizeOf(shape)
  const rows = size / channels
  const perPart = Math.max(1, Math.min(PART_ROWS, rows))
  return { size, rows, channels, perPart, parts: Math.ceil(rows / perPart) }
}

function forward(
  backend: WasmBackend,
  { x, gamma, beta }: Inputs<'x' | 'gamma' | 'beta'>,
  { epsilon, activation }: BatchNormSettings,
): tf.TensorInfo[] {
  const { machine } = backend
  const { size, rows, channels, perPart, parts } = partsOf(x.shape)
  const y = backend.output(x.shape)
  const statistics = backend.output([4, channels])
  const xAt = backend.addressOf(x)
  const sums = machine.take(8 * parts * channels)
  machine.run('batchSums', [xAt, sums, rows, channels, perPart], parts, 2 * size)
  const affine = [backend.addressOf(gamma), backend.addressOf(beta)]
  machine.run(
    'batchStatistics',
    [sums, parts, rows, channels, bits(epsilon), ...affine, statistics.address],
    1,
    0,
  )
  machine.give(sums)
  apply(backend, xAt, statistics.address, y.address, x.shape, activation)
  return [y.info, statistics.info]
}

function apply(
  { machine }: WasmBackend,
  x: number,
  statistics: number,
  y: number,
  shape: number[],
  activation: Activation,
): void {
  const { size, rows, channels, perPart, parts } = partsOf(shape)
  const params = [x, statistics, y, rows, channels, perPart, CODES[activation]]
  machine.run('batchApply', params, parts, workOf(size, activation))
}

function backward(
  backend: WasmBackend,
  { x, dy, statistics }: Inputs<'x' | 'dy' | 'statistics'>,
  { epsilon, activation }: BatchNormSettings,
): tf.TensorInfo[] {
  const { machine } = backend
  const { size, rows, channels, perPart, parts } = partsOf(dy.shape)
  const outputs = [dy.shape, [channels], [channels]].map((shape) => backend.output(shape))
  const [dx, dgamma, dbeta] = outputs.map(({ address }) => address)
  const [xAt, dyAt, statisticsAt] = [x, dy, statistics].map((tensor) => backend.addressOf(tensor))
  const sums = machine.take(8 * parts * channels)
  const coefficients = machine.take(8 * channels)
  const walk = [rows, channels, perPart, CODES[activation]]
  machine.run('batchGradientSums', [xAt, dyAt, statisticsAt, sums, ...walk], parts, workOf(size, activation))
  machine.run(
    'batchGradientFinish',
    [sums, parts, rows, channels, bits(epsilon), statisticsAt, dgamma, dbeta, coefficients],
    1,
    0,
  )
  machine.run(
    'batchGradientApply',
    [xAt, dyAt, statisticsAt, coefficients, dx, ...walk],
    parts,
    workOf(size, activation),
  )
  machine.give(sums)
  machine.give(coefficients)
  return outputs.map(({ info }) => info)
}

function normalise(
  backend: WasmBackend,
  { x, mean, variance, gamma, beta }: Inputs<'x' | 'mean' | 'variance' | 'gamma' | 'beta'>,
  { epsilon, activation }: BatchNormSettings,
): tf.TensorInfo {
  const { machine } = backend
  const channels = x.shape[x.shape.length - 1]
  const y = backend.output(x.shape)
  const statistics = machine.take(16 * channels)
  const [m, v, g, b] = [mean, variance, gamma, beta].map((tensor) => backend.addressOf(tensor))
  machine.run('givenStatistics', [m, v, channels, bits(epsilon), g, b, statistics], 1, 0)
  apply(backend, backend.addressOf(x), statistics, y.address, x.shape, activation)
  machine.give(statistics)
  return y.info
}

export const wasm: Kernels = {
  [BATCH_NORM]: wasmKernel(forward),
  [`${BATCH_NORM}Gradient`]: wasmKernel(backward),
  [NORMALISE]: wasmKernel(normalise),
}
