/** One vector to many tensors and back, and other moves of whole rows, as copies. */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { areFloats, sizeOf, type WasmBackend, wasmKernel } from '../shared/onWasm'
import { CUT, JOIN } from './pieces'

/** Copies each piece as a unit. @param triples from, to, values */
function copyPieces({ machine }: WasmBackend, triples: number[][]): void {
  const wanted = triples.filter(([, , count]) => count > 0)
  const work = wanted.reduce((sum, [, , count]) => sum + count, 0)
  machine.run('copyPieces', wanted.flat(), wanted.length, work / 2)
}

interface Rows {
  address: number
  /** Values from one row to the next. */
  step: number
}

function copyRows({ machine }: WasmBackend, from: Rows, to: Rows, rows: number, count: number): void {
  const params = [from.address, 4 * from.step, to.address, 4 * to.step, count]
  machine.run('copyRows', params, rows, (rows * count) / 2)
}

const cut = wasmKernel(
  (backend, { vector }: { vector: tf.TensorInfo }, { shapes }: { shapes: number[][] }): tf.TensorInfo[] => {
    let from = backend.addressOf(vector)
    const outputs = shapes.map((shape) => backend.output([...shape]))
    copyPieces(
      backend,
      outputs.map(({ info, address }) => {
        const triple = [from, address, sizeOf(info.shape)]
        from += 4 * triple[2]
        return triple
      }),
    )
    return outputs.map(({ info }) => info)
  },
)

const join = wasmKernel(
  (
    backend,
    inputs: Record<string, tf.TensorInfo>,
    { sizes, total }: { sizes: number[]; total: number },
  ): tf.TensorInfo => {
    const { info, address } = backend.output([total])
    let to = address
    copyPieces(
      backend,
      sizes.map((size, i) => {
        const triple = [backend.addressOf(inputs[`piece${i}`]), to, size]
        to += 4 * size
        return triple
      }),
    )
    return info
  },
)

/** Tensors side by side along an axis: rows of each, one behind the other. */
const concat = wasmKernel(
  (backend, inputs: Record<string, tf.TensorInfo>, { axis }: tf.ConcatAttrs): tf.TensorInfo | undefined => {
    const all = Object.values(inputs)
    const along = tf.util.parseAxisParam(axis, all[0].shape)[0]
    return areFloats(...all) ? joined(backend, all, along) : undefined
  },
)

function joined(backend: WasmBackend, all: readonly tf.TensorInfo[], axis: number): tf.TensorInfo {
  const shape = [...all[0].shape]
  shape[axis] = all.reduce((sum, tensor) => sum + tensor.shape[axis], 0)
  const { info, address } = backend.output(shape)
  const rows = sizeOf(shape.slice(0, axis))
  const step = sizeOf(shape) / rows
  let to = address
  for (const tensor of all) {
    const count = sizeOf(tensor.shape) / rows
    copyRows(backend, { address: backend.addressOf(tensor), step: count }, { address: to, step }, rows, count)
    to += 4 * count
  }
  return info
}

const pack = wasmKernel(
  (backend, inputs: Record<string, tf.TensorInfo>, { axis }: tf.PackAttrs): tf.TensorInfo | undefined => {
    const all = Object.values(inputs)
    if (!areFloats(...all)) return undefined
    const { shape } = all[0]
    const at = tf.util.parseAxisParam(axis, [...shape, 1])[0]
    const thin = all.map((tensor) => ({ ...tensor, shape: [...shape.slice(0, at), 1, ...shape.slice(at)] }))
    return joined(backend, thin, at)
  },
)

/** A part of a tensor, or a tensor within a larger one: cut along one axis or two. */
interface Window {
  whole: readonly number[]
  part: readonly number[]
  from: readonly number[]
}

/** Copies between a tensor and a window of another. */
function copyWindow(
  { whole, part, from }: Window,
  copy: (inWhole: Rows, inPart: Rows, rows: number, count: number) => void,
  addresses: { whole: number; part: number },
): void {
  const [first, second = first] = cutAxes({ whole, part })
  const outer = sizeOf(whole.slice(0, first))
  // Axes between the two are whole: their rows follow one another.
  const between = first === second ? 1 : sizeOf(whole.slice(first + 1, second))
  const inner = sizeOf(whole.slice(second + 1))
  const [step, count] = [whole[second] * inner, part[second] * inner]
  if (first === second) {
    const inWhole = { address: addresses.whole + 4 * from[first] * inner, step }
    copy(inWhole, { address: addresses.part, step: count }, outer, count)
    return
  }
  const rows = part[first] * between
  for (let i = 0; i < outer; i++) {
    const row = (i * whole[first] + from[first]) * between
    const inWhole = { address: addresses.whole + 4 * (row * step + from[second] * inner), step }
    copy(inWhole, { address: addresses.part + 4 * i * rows * count, step: count }, rows, count)
  }
}

const cutAxes = ({ whole, part }: Pick<Window, 'whole' | 'part'>): number[] => {
  const axes = whole.flatMap((length, axis) => (part[axis] < length ? [axis] : []))
  return axes.length === 0 ? [0] : axes
}

const slice = wasmKernel(
  (backend, { x }: { x: tf.TensorInfo }, { begin, size }: tf.SliceAttrs): tf.TensorInfo | undefined => {
    if (!areFloats(x) || x.shape.length === 0) return undefined
    const [from, part] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size)
    const window = { whole: x.shape, part, from }
    if (part.includes(0) || cutAxes(window).length > 2) return undefined
    const { info, address } = backend.output(part)
    copyWindow(window, (inWhole, inPart, ...size) => copyRows(backend, inWhole, inPart, ...size), {
      whole: backend.addressOf(x),
      part: address,
    })
    return info
  },
)

const splitV = wasmKernel(
  (
    backend,
    { x }: { x: tf.TensorInfo },
    { numOrSizeSplits, axis }: tf.SplitVAttrs,
  ): tf.TensorInfo[] | undefined => {
    if (!areFloats(x)) return undefined
    const along = tf.util.parseAxisParam(axis, x.shape)[0]
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along)
    if (sizes.includes(0)) return undefined
    return split(backend, x, along, sizes)
  },
)

function split(backend: WasmBackend, x: tf.TensorInfo, axis: number, sizes: readonly number[]) {
  const rows = sizeOf(x.shape.slice(0, axis))
  const inner = sizeOf(x.shape.slice(axis + 1))
  let from = backend.addressOf(x)
  return sizes.map((length) => {
    const shape = [...x.shape]
    shape[axis] = length
    const { info, address } = backend.output(shape)
    const count = length * inner
    copyRows(backend, { address: from, step: x.shape[axis] * inner }, { address, step: count }, rows, count)
    from += 4 * count
    return info
  })
}

const unpack = wasmKernel(
  (backend, { value }: { value: tf.TensorInfo }, { axis }: tf.UnpackAttrs): tf.TensorInfo[] | undefined => {
    if (!areFloats(value)) return undefined
    const along = tf.util.parseAxisParam(axis, value.shape)[0]
    const shape = value.shape.filter((_, i) => i !== along)
    const parts = split(backend, value, along, Array<number>(value.shape[along]).fill(1))
    return parts.map((part) => ({ ...part, shape }))
  },
)

/** Zeros (or another value) around a tensor, along one axis or two. */
const padV2 = wasmKernel(
  (backend, { x }: { x: tf.TensorInfo }, { paddings, constantValue }: tf.PadV2Attrs) => {
    if (!areFloats(x) || x.shape.length === 0) return undefined
    const whole = x.shape.map((length, i) => length + paddings[i][0] + paddings[i][1])
    const window = { whole, part: x.shape, from: paddings.map(([before]) => before) }
    if (cutAxes(window).length > 2) return undefined
    const { info, address } = backend.output(whole)
    fill(backend, address, sizeOf(whole), constantValue)
    copyWindow(window, (inWhole, inPart, ...size) => copyRows(backend, inPart, inWhole, ...size), {
      whole: address,
      part: backend.addressOf(x),
    })
    return info
  },
)

function fill({ machine }: WasmBackend, address: number, count: number, value: number): void {
  machine.run('fill', [address, count, bits(value)], Math.ceil(count / 4096), count / 2)
}

export const wasm: Kernels = {
  [CUT]: cut,
  [JOIN]: join,
  [tf.Concat]: concat,
  [tf.Pack]: pack,
  [tf.Slice]: slice,
  [tf.SplitV]: splitV,
  [tf.Unpack]: unpack,
  [tf.PadV2]: padV2,
}
