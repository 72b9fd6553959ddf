/**
 * One vector to many tensors and back. Large pieces are copied, which no kernel does faster; small ones go as many a
 * dispatch as the device binds buffers (stock: a dispatch a piece one way, seven pieces a dispatch the other). θ is
 * cut into its parameters this way, and their gradients put together.
 */
import type * as tf from '../../tf'
import { copyValues } from './copyValues'
import { type Backend, runFlatMany, runOf, unroll } from './program'

/** Not more pieces a dispatch, however many buffers a device binds: text and compilation grow with them. */
const MOST = 11

const sizeOf = ({ shape }: { shape: readonly number[] }) => shape.reduce((a, b) => a * b, 1)

/** A copy interrupts the kernels' pass: pieces of fewer values are not worth it. */
const COPIED_FROM = 8192

/**
 * Groups of consecutive non-empty pieces, with the place of each group's first value in the whole vector. A large
 * piece is a group of its own.
 */
function groupsOf<P extends { shape: readonly number[] }>(
  backend: Backend,
  pieces: readonly P[],
): { first: number; members: P[] }[] {
  const atOnce = Math.min(MOST, backend.device.limits.maxStorageBuffersPerShaderStage - 1)
  const groups: { first: number; members: P[] }[] = []
  let at = 0
  for (const piece of pieces) {
    if (sizeOf(piece) === 0) continue
    const last = groups[groups.length - 1]
    const isLarge = sizeOf(piece) >= COPIED_FROM
    const isOpen = last && last.members.length < atOnce && !isCopied(last.members)
    if (isOpen && !isLarge) last.members.push(piece)
    else groups.push({ first: at, members: [piece] })
    at += sizeOf(piece)
  }
  return groups
}

const isCopied = (members: readonly { shape: readonly number[] }[]) => sizeOf(members[0]) >= COPIED_FROM

/** Where each member ends, counted from the group's first value: uniforms `end0`, `end1`, … */
function endsOf(members: readonly { shape: readonly number[] }[]): {
  ends: Record<string, number>
  count: number
} {
  const ends: Record<string, number> = {}
  let count = 0
  members.forEach((member, i) => {
    count += sizeOf(member)
    ends[`end${i}`] = count
  })
  return { ends, count }
}

/** Runs a piece's line for every value of the run that lies in it; it sees `at` in the group, `inside` the piece. */
const eachValue = (n: number, line: (i: number) => string) =>
  `
  let first = thread * uniforms.run;
  let end = first + uniforms.run;` +
  unroll(
    n,
    (i) => `
  for (var at = max(first, ${i === 0 ? '0' : `uniforms.end${i - 1}`}); at < min(end, uniforms.end${i}); at++) {
    let inside = at${i === 0 ? '' : ` - uniforms.end${i - 1}`};
    ${line(i)}
  }`,
  )

/** Cuts `vector` [n] into consecutive tensors of these shapes, which hold n values together. */
export function cutPieces(
  backend: Backend,
  vector: tf.TensorInfo,
  shapes: readonly number[][],
): tf.TensorInfo[] {
  const wanted = shapes.map((shape, index) => ({ shape, index }))
  const pieces: tf.TensorInfo[] = shapes.map(() => vector)
  for (const { index, shape } of wanted) {
    if (sizeOf({ shape }) === 0) pieces[index] = backend.makeTensorInfo(shape, 'float32', new Float32Array(0))
  }
  for (const { first, members } of groupsOf(backend, wanted)) {
    if (isCopied(members)) {
      const [{ shape, index }] = members
      pieces[index] = backend.makeTensorInfo(shape, 'float32')
      copyValues(backend, { tensor: vector, first }, { tensor: pieces[index], first: 0 }, sizeOf({ shape }))
      continue
    }
    const { ends, count } = endsOf(members)
    const outputs = runFlatMany(backend, {
      key: `cutPieces_${members.length}`,
      inputs: [{ name: 'vector', tensor: vector, lanes: 1 }],
      outShape: members[0].shape,
      outLanes: 1,
      moreOutputs: members.slice(1).map(({ shape }, i) => ({ name: `piece${i + 1}`, shape, lanes: 1 })),
      uniforms: { ...ends, first, run: runOf(backend) },
      threads: Math.ceil(count / runOf(backend)),
      code: `
fn main(thread : i32) {
  ${eachValue(members.length, (i) => `${i === 0 ? 'result' : `piece${i}`}[inside] = vector[uniforms.first + at];`)}
}`,
    })
    members.forEach(({ index }, i) => {
      pieces[index] = outputs[i]
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
  const shaped = pieces.map(({ tensor, size }) => ({ tensor, shape: [size] }))
  for (const { first, members } of groupsOf(backend, shaped)) {
    if (isCopied(members)) {
      const [{ tensor, shape }] = members
      copyValues(backend, { tensor, first: 0 }, { tensor: result, first }, sizeOf({ shape }))
      continue
    }
    const { ends, count } = endsOf(members)
    runFlatMany(backend, {
      key: `joinPieces_${members.length}`,
      inputs: members.map(({ tensor }, i) => ({ name: `piece${i}`, tensor, lanes: 1 })),
      outShape: [total],
      outLanes: 1,
      into: result,
      uniforms: { ...ends, first, run: runOf(backend) },
      threads: Math.ceil(count / runOf(backend)),
      code: `
fn main(thread : i32) {
  ${eachValue(members.length, (i) => `result[uniforms.first + at] = piece${i}[inside];`)}
}`,
    })
  }
  return result
}
