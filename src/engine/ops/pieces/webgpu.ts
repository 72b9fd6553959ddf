/**
 * One vector to many tensors and back. Large pieces are copied, which no kernel does faster; small ones go as many a
 * dispatch as the device binds buffers (stock: a dispatch a piece one way, seven pieces a dispatch the other). θ is
 * cut into its parameters this way, and their gradients put together.
 */
import type * as tf from '../../tf'
import { copyValues, valuesAtOnce } from '../../tf/buffers'
import { type Kernels, webGpuKernel } from '../../tf/kernels'
import { type Backend, runFlatMany, runOf, unroll } from '../shared/program'
import { CUT, JOIN } from './pieces'

/** Not more pieces a dispatch, however many buffers a device binds: text and compilation grow with them. */
const MOST = 11

const sizeOf = ({ shape }: { shape: readonly number[] }) => shape.reduce((a, b) => a * b, 1)

/** A copy interrupts the kernels' pass: pieces of fewer values are not worth it. */
const COPIED_FROM = 2048

interface Placed<P> {
  piece: P
  /** Of its first value in the whole vector. */
  place: number
  size: number
}

/**
 * Which of the non-empty pieces are copied, and the others in groups of a dispatch each. Of a vector larger than the
 * device can bind all are copied.
 */
function shareOut<P extends { shape: readonly number[] }>(
  backend: Backend,
  pieces: readonly P[],
): { copied: Placed<P>[]; groups: Placed<P>[][] } {
  let place = 0
  const placed = pieces.map((piece): Placed<P> => {
    const size = sizeOf(piece)
    place += size
    return { piece, place: place - size, size }
  })
  const copiedFrom = place > valuesAtOnce(backend) ? 1 : COPIED_FROM
  const small = placed.filter(({ size }) => size > 0 && size < copiedFrom)
  const atOnce = Math.min(MOST, backend.device.limits.maxStorageBuffersPerShaderStage - 1)
  const groups = Array.from({ length: Math.ceil(small.length / atOnce) }, (_, i) =>
    small.slice(i * atOnce, (i + 1) * atOnce),
  )
  return { copied: placed.filter(({ size }) => size >= copiedFrom), groups }
}

/** What a group's kernel is told: where each member ends in the group (`end0`, …) and lies in the vector (`place0`, …). */
function uniformsOf(backend: Backend, members: readonly Placed<unknown>[]) {
  const run = runOf(backend)
  const uniforms: Record<string, number> = { run }
  let count = 0
  members.forEach(({ place, size }, i) => {
    count += size
    uniforms[`end${i}`] = count
    uniforms[`place${i}`] = place
  })
  return { uniforms, threads: Math.ceil(count / run) }
}

/** Runs a piece's line for every value of the run that lies in it; it sees `at` in the vector, `inside` the piece. */
const eachValue = (n: number, line: (i: number) => string) =>
  `
  let first = thread * uniforms.run;
  let end = first + uniforms.run;` +
  unroll(n, (i) => {
    const begin = i === 0 ? '0' : `uniforms.end${i - 1}`
    return `
  for (var j = max(first, ${begin}); j < min(end, uniforms.end${i}); j++) {
    let inside = j - ${begin};
    let at = uniforms.place${i} + inside;
    ${line(i)}
  }`
  })

/** Cuts `vector` [n] into consecutive tensors of these shapes, which hold n values together. */
export function cutPieces(
  backend: Backend,
  vector: tf.TensorInfo,
  shapes: readonly number[][],
): tf.TensorInfo[] {
  const pieces = shapes.map((shape) =>
    sizeOf({ shape }) === 0 ? backend.makeTensorInfo(shape, 'float32', new Float32Array(0)) : vector,
  )
  const wanted = shapes.map((shape, index) => ({ shape, index }))
  const { copied, groups } = shareOut(backend, wanted)
  for (const { piece, place, size } of copied) {
    const tensor = backend.makeTensorInfo(piece.shape, 'float32')
    copyValues(backend, { tensor: vector, first: place }, { tensor, first: 0 }, size)
    pieces[piece.index] = tensor
  }
  for (const members of groups) {
    const [first, ...others] = members.map(({ piece }) => piece)
    const outputs = runFlatMany(backend, {
      key: `cutPieces_${members.length}`,
      inputs: [{ name: 'vector', tensor: vector, lanes: 1 }],
      outShape: first.shape,
      outLanes: 1,
      moreOutputs: others.map(({ shape }, i) => ({ name: `piece${i + 1}`, shape, lanes: 1 })),
      ...uniformsOf(backend, members),
      code: `
fn main(thread : i32) {
  ${eachValue(members.length, (i) => `${i === 0 ? 'result' : `piece${i}`}[inside] = vector[at];`)}
}`,
    })
    members.forEach(({ piece }, i) => {
      pieces[piece.index] = outputs[i]
    })
  }
  return pieces
}

export interface Piece {
  tensor: tf.TensorInfo
  /** How many values are taken, from the tensor's first on. */
  size: number
}

/** The pieces one after the other, [total]. */
export function joinPieces(backend: Backend, pieces: readonly Piece[], total: number): tf.TensorInfo {
  const result = backend.makeTensorInfo([total], 'float32')
  const { copied, groups } = shareOut(
    backend,
    pieces.map(({ tensor, size }) => ({ tensor, shape: [size] })),
  )
  for (const { piece, place, size } of copied) {
    copyValues(backend, { tensor: piece.tensor, first: 0 }, { tensor: result, first: place }, size)
  }
  for (const members of groups) {
    runFlatMany(backend, {
      key: `joinPieces_${members.length}`,
      inputs: members.map(({ piece }, i) => ({ name: `piece${i}`, tensor: piece.tensor, lanes: 1 })),
      outShape: [total],
      outLanes: 1,
      into: result,
      ...uniformsOf(backend, members),
      code: `
fn main(thread : i32) {
  ${eachValue(members.length, (i) => `result[at] = piece${i}[inside];`)}
}`,
    })
  }
  return result
}

export const webgpu: Kernels = {
  [CUT]: webGpuKernel((backend, { vector }: { vector: tf.TensorInfo }, { shapes }: { shapes: number[][] }) =>
    cutPieces(backend, vector, shapes),
  ),
  [JOIN]: webGpuKernel(
    (
      backend,
      inputs: Record<string, tf.TensorInfo>,
      { sizes, total }: { sizes: number[]; total: number },
    ) => {
      const pieces = sizes.map((size, i) => ({ tensor: inputs[`piece${i}`], size }))
      return joinPieces(backend, pieces, total)
    },
  ),
}
