/**
 * Batch norm with its activation in two passes over x forwards (sums; normalise) and two backwards (sums; dx), the
 * batch's statistics in one pass as E[x²] − E[x]².
 *     z = gain·(x − mean) + beta,  gain = gamma/√(var + ε),  y = act(z)
 *     dbeta = Σ dz,  dgamma = Σ dz·(x − mean) / √(var + ε)
 *     dx = gain·(dz − dbeta/rows − (x − mean)·Σ dz·(x − mean)/(rows·(var + ε)))
 * Source: Ioffe & Szegedy 2015, §3.
 */
import { isCpuAdapter } from '../../device/adapter'
import type * as tf from '../../tf'
import { type Inputs, type Kernels, webGpuKernel } from '../../tf/kernels'
import { halfKey, isHalf } from '../halves/webgpu'
import { type Backend, floatType, runFlat, runFlatMany, widened } from '../shared/program'
import { type Activation, BATCH_NORM, type BatchNormSettings, NORMALISE } from './batchNorm'
import { PART_ROWS, type ReductionChoice, type RowParts, rowParts } from './rowParts'

interface Affine {
  x: tf.TensorInfo
  gamma: tf.TensorInfo
  beta: tf.TensorInfo
}

const rowsOf = ({ shape }: tf.TensorInfo) => shape.slice(0, -1).reduce((a, b) => a * b, 1)
const channelsOf = ({ shape }: tf.TensorInfo) => shape[shape.length - 1]

/**
 * x [..., C], gamma and beta [C] → y like x, and statistics [4, C]: mean, variance (biased, not clamped), gain, beta.
 * Few tensors are bound on purpose: 8 buffers a stage are all a device must offer.
 */
export function batchNormForward(
  backend: Backend,
  { x, gamma, beta }: Affine,
  settings: BatchNormSettings,
  choice: ReductionChoice,
): tf.TensorInfo[] {
  const parts = rowParts(rowsOf(x), channelsOf(x), choice)
  const sums = columnSums(backend, parts, 'batchNormSums', [{ name: 'x', tensor: x }], 'let v = x[at];', [
    'v',
    'v * v',
  ])
  const { copies, tensor } = choice.addPartsFirst
    ? addParts(backend, parts, sums)
    : { copies: parts.copies, tensor: sums }
  const geometry = blocks(parts, choice)
  const value = floatType(parts.lanes)
  const outputs = runFlatMany(backend, {
    key: `batchNorm_${settings.activation}_${parts.lanes}`,
    inputs: [
      { name: 'x', tensor: x, lanes: parts.lanes },
      { name: 'gamma', tensor: gamma, lanes: parts.lanes },
      { name: 'beta', tensor: beta, lanes: parts.lanes },
      { name: 'sums', tensor, lanes: parts.lanes },
    ],
    outShape: x.shape,
    outLanes: parts.lanes,
    moreOutputs: [{ name: 'statistics', shape: [4, channelsOf(x)], lanes: parts.lanes }],
    uniforms: { ...geometry.uniforms, sumCopies: copies },
    scale: settings.epsilon,
    threads: geometry.threads,
    code: `
${activate(settings.activation, value)}
fn main(thread : i32) {
  ${PART_ROWS}
  ${addSums(value)}
  let count = f32(uniforms.rows);
  let mean = first / count;
  let variance = second / count - mean * mean;
  let gain = gamma[column] * inverseSqrt(variance + uniforms.scale);
  let shift = beta[column];
  for (var row = firstRow; row < lastRow; row += rowStep) {
    let at = row * uniforms.columns + column;
    result[at] = activate((x[at] - mean) * gain + shift);
  }
  if (copy == 0) {
    statistics[column] = mean;
    statistics[uniforms.columns + column] = variance;
    statistics[2 * uniforms.columns + column] = gain;
    statistics[3 * uniforms.columns + column] = shift;
  }
}`,
  })
  backend.disposeData(tensor.dataId)
  return outputs
}

/**
 * Gradients of `batchNormForward`'s y with respect to x, gamma and beta, given dy and the statistics it returned.
 * @param x may be in halves
 */
export function batchNormBackward(
  backend: Backend,
  { x, dy, statistics }: { x: tf.TensorInfo; dy: tf.TensorInfo; statistics: tf.TensorInfo },
  settings: BatchNormSettings,
  choice: ReductionChoice,
): tf.TensorInfo[] {
  const parts = rowParts(rowsOf(dy), channelsOf(dy), choice)
  const value = floatType(parts.lanes)
  const half = isHalf(x)
  const named = { x, dy, statistics }
  const inputs = Object.entries(named).map(([name, tensor]) => ({ name, tensor, half: half && name === 'x' }))
  const centred = `let centred = ${widened('x[at]', parts.lanes, half)} - mean;`
  const sums = columnSums(
    backend,
    parts,
    `batchNormGradientSums_${settings.activation}${halfKey(half)}`,
    inputs,
    `${centred}
    let dz = throughActivation(dy[at], centred * gain + shift);`,
    ['dz', 'dz * centred'],
    { scale: settings.epsilon, head: throughActivation(settings.activation, value), before: SAVED },
  )
  const { copies, tensor } = choice.addPartsFirst
    ? addParts(backend, parts, sums)
    : { copies: parts.copies, tensor: sums }
  const geometry = blocks(parts, choice)
  const outputs = runFlatMany(backend, {
    key: `batchNormGradient_${settings.activation}_${parts.lanes}${halfKey(half)}`,
    inputs: [...inputs, { name: 'sums', tensor }].map((input) => ({ ...input, lanes: parts.lanes })),
    outShape: dy.shape,
    outLanes: parts.lanes,
    moreOutputs: [
      { name: 'gammaGradient', shape: [channelsOf(dy)], lanes: parts.lanes },
      { name: 'betaGradient', shape: [channelsOf(dy)], lanes: parts.lanes },
    ],
    uniforms: { ...geometry.uniforms, sumCopies: copies },
    scale: settings.epsilon,
    threads: geometry.threads,
    code: `
${throughActivation(settings.activation, value)}
fn main(thread : i32) {
  ${PART_ROWS}
  ${addSums(value)}
  ${SAVED}
  let count = f32(uniforms.rows);
  let offset = first / count;
  let slope = second * root * root / count;
  for (var row = firstRow; row < lastRow; row += rowStep) {
    let at = row * uniforms.columns + column;
    ${centred}
    let dz = throughActivation(dy[at], centred * gain + shift);
    result[at] = gain * (dz - offset - slope * centred);
  }
  if (copy == 0) {
    gammaGradient[column] = second * root;
    betaGradient[column] = first;
  }
}`,
  })
  backend.disposeData(tensor.dataId)
  return outputs
}

/** act(gamma·(x − mean)/√(variance + ε) + beta) with statistics that are given. */
export function normalise(
  backend: Backend,
  { x, gamma, beta }: Affine,
  { mean, variance }: { mean: tf.TensorInfo; variance: tf.TensorInfo },
  settings: BatchNormSettings,
  choice: ReductionChoice,
): tf.TensorInfo {
  const parts = rowParts(rowsOf(x), channelsOf(x), choice)
  const geometry = blocks(parts, choice)
  const named = { x, gamma, beta, mean, variance }
  return runFlat(backend, {
    key: `normalise_${settings.activation}_${parts.lanes}`,
    inputs: Object.entries(named).map(([name, tensor]) => ({ name, tensor, lanes: parts.lanes })),
    outShape: x.shape,
    outLanes: parts.lanes,
    uniforms: geometry.uniforms,
    scale: settings.epsilon,
    threads: geometry.threads,
    code: `
${activate(settings.activation, floatType(parts.lanes))}
fn main(thread : i32) {
  ${PART_ROWS}
  let gain = gamma[column] * inverseSqrt(variance[column] + uniforms.scale);
  let shift = beta[column];
  for (var row = firstRow; row < lastRow; row += rowStep) {
    let at = row * uniforms.columns + column;
    result[at] = activate((x[at] - mean[column]) * gain + shift);
  }
}`,
  })
}

const SAVED = `
  let mean = statistics[column];
  let root = inverseSqrt(statistics[uniforms.columns + column] + uniforms.scale);
  let gain = statistics[2 * uniforms.columns + column];
  let shift = statistics[3 * uniforms.columns + column];`

/** Two sums over the rows of every part: [copies, 2, columns]. */
function columnSums(
  backend: Backend,
  parts: RowParts,
  key: string,
  inputs: { name: string; tensor: tf.TensorInfo; half?: boolean }[],
  line: string,
  terms: [string, string],
  more: { scale?: number; head?: string; before?: string } = {},
): tf.TensorInfo {
  const value = floatType(parts.lanes)
  return runFlat(backend, {
    key: `${key}_${parts.lanes}`,
    inputs: inputs.map((input) => ({ ...input, lanes: parts.lanes })),
    outShape: [parts.copies, 2, parts.columns * parts.lanes],
    outLanes: parts.lanes,
    uniforms: parts.uniforms,
    scale: more.scale,
    threads: parts.copies * parts.columns,
    code: `
${more.head ?? ''}
fn main(thread : i32) {
  ${PART_ROWS}
  ${more.before ?? ''}
  var first = ${value}(0.0);
  var second = ${value}(0.0);
  for (var row = firstRow; row < lastRow; row += rowStep) {
    let at = row * uniforms.columns + column;
    ${line}
    first += ${terms[0]};
    second += ${terms[1]};
  }
  result[2 * copy * uniforms.columns + column] = first;
  result[(2 * copy + 1) * uniforms.columns + column] = second;
}`,
  })
}

/** [copies, 2, columns] → [1, 2, columns]; disposes of `sums`. */
function addParts(
  backend: Backend,
  parts: RowParts,
  sums: tf.TensorInfo,
): { copies: number; tensor: tf.TensorInfo } {
  const tensor = runFlat(backend, {
    key: `addParts_${parts.lanes}`,
    inputs: [{ name: 'sums', tensor: sums, lanes: parts.lanes }],
    outShape: [1, 2, parts.columns * parts.lanes],
    outLanes: parts.lanes,
    uniforms: { columns: parts.columns, sumCopies: parts.copies },
    threads: parts.columns,
    code: `
fn main(thread : i32) {
  let column = thread;
  if (column >= uniforms.columns) { return; }
  ${addSums(floatType(parts.lanes))}
  result[column] = first;
  result[uniforms.columns + column] = second;
}`,
  })
  backend.disposeData(sums.dataId)
  return { copies: 1, tensor }
}

const addSums = (value: string) => `
  var first = ${value}(0.0);
  var second = ${value}(0.0);
  for (var i = 0; i < uniforms.sumCopies; i++) {
    first += sums[2 * i * uniforms.columns + column];
    second += sums[(2 * i + 1) * uniforms.columns + column];
  }`

/** How the second pass is shared out: runs of rows where each invocation adds up the parts itself, else a row each. */
function blocks(
  parts: RowParts,
  choice: ReductionChoice,
): { uniforms: RowParts['uniforms']; threads: number } {
  if (!choice.addPartsFirst) return { uniforms: parts.uniforms, threads: parts.copies * parts.columns }
  const { rows, columns } = parts.uniforms
  return { uniforms: { rows, columns, copies: rows, walk: [1, 1], span: 1 }, threads: rows * columns }
}

function activate(activation: Activation, value: string): string {
  const body = {
    none: 'z',
    // Not max(): a value that is not a number must stay one.
    relu: `select(z, ${value}(0.0), z < ${value}(0.0))`,
    swish: 'z / (1.0 + exp(-z))',
  }[activation]
  return `fn activate(z : ${value}) -> ${value} { return ${body}; }`
}

/** dz = dy·act′(z), with relu′(0) = 0. */
function throughActivation(activation: Activation, value: string): string {
  const body = {
    none: 'return dy;',
    relu: `return select(${value}(0.0), dy, z > ${value}(0.0));`,
    swish: `let s = 1.0 / (1.0 + exp(-z));
  return dy * s * (1.0 + z * (1.0 - s));`,
  }[activation]
  return `fn throughActivation(dy : ${value}, z : ${value}) -> ${value} { ${body} }`
}

const CPU_REDUCTION: ReductionChoice = { threads: 512, interleaved: false, addPartsFirst: false }
const GPU_REDUCTION: ReductionChoice = { threads: 8192, interleaved: true, addPartsFirst: true }

const reduction = ({ device }: Backend): ReductionChoice =>
  isCpuAdapter(device.adapterInfo) ? CPU_REDUCTION : GPU_REDUCTION

export const webgpu: Kernels = {
  [BATCH_NORM]: webGpuKernel((backend, inputs: Inputs<'x' | 'gamma' | 'beta'>, settings: BatchNormSettings) =>
    batchNormForward(backend, inputs, settings, reduction(backend)),
  ),
  [`${BATCH_NORM}Gradient`]: webGpuKernel(
    (backend, inputs: Inputs<'x' | 'dy' | 'statistics'>, settings: BatchNormSettings) =>
      batchNormBackward(backend, inputs, settings, reduction(backend)),
  ),
  [NORMALISE]: webGpuKernel(
    (backend, inputs: Inputs<'x' | 'mean' | 'variance' | 'gamma' | 'beta'>, settings: BatchNormSettings) =>
      normalise(backend, inputs, inputs, settings, reduction(backend)),
  ),
}
