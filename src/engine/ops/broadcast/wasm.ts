/** Element-wise ops, functions of one value, and sums, in WebAssembly. */
import * as tf from '../../tf'
import type { Kernel, Kernels } from '../../tf/kernels'
import { bits } from '../../wasm/machine'
import { areFloats, sizeOf, type WasmBackend, wasmKernel } from '../shared/onWasm'
import { type Reduction, reduction, sumCall } from './calls'

/** In the order of elementwise.ts of the assembly. */
const BINARY = [tf.Add, tf.Sub, tf.Multiply, tf.RealDiv, tf.Maximum, tf.Minimum, tf.Pow]
const UNARY = [
  tf.Relu,
  tf.Step,
  tf.Sigmoid,
  tf.Exp,
  tf.Neg,
  tf.Sqrt,
  tf.Rsqrt,
  tf.Square,
  tf.Abs,
  tf.Log,
  tf.Tanh,
  tf.Sign,
]
/** What one value costs, roughly, where that is more than a multiplication. */
const COSTS: Readonly<Record<string, number>> = {
  [tf.Sigmoid]: 8,
  [tf.Exp]: 8,
  [tf.Log]: 20,
  [tf.Tanh]: 40,
  [tf.Pow]: 60,
}
const costOf = (name: string) => COSTS[name] ?? 1

/** Values of a unit of what goes block by block. */
const BLOCK = 4096

interface Axis {
  length: number
  /** Values from one to the next: 0 where the operand repeats. */
  a: number
  b: number
}

/** The result's axes, neighbours that both operands walk alike put together. */
function axesOf(aShape: number[], bShape: number[], outShape: number[]): Axis[] {
  const steps = (shape: number[]) => {
    let step = 1
    return outShape.map((_, i) => {
      const axis = shape.length - 1 - i
      const length = axis >= 0 ? shape[axis] : 1
      const own = length === 1 ? 0 : step
      step *= length
      return own
    })
  }
  const [a, b] = [steps(aShape), steps(bShape)]
  const axes: Axis[] = []
  for (let i = 0; i < outShape.length; i++) {
    const length = outShape[outShape.length - 1 - i]
    if (length === 1) continue
    const inner = axes.at(-1)
    const goesOn = inner && a[i] === inner.a * inner.length && b[i] === inner.b * inner.length
    if (goesOn) inner.length *= length
    else axes.push({ length, a: a[i], b: b[i] })
  }
  return axes.reverse()
}

const binary = (op: number): Kernel =>
  wasmKernel((backend, { a, b }: Record<'a' | 'b', tf.TensorInfo>) => {
    const isEmpty = a.shape.includes(0) || b.shape.includes(0)
    if (isEmpty && a.dtype === b.dtype) return nothing(backend, a, b)
    if (!areFloats(a, b)) return undefined
    const outShape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
    const size = sizeOf(outShape)
    const [aSize, bSize] = [sizeOf(a.shape), sizeOf(b.shape)]
    const [aAt, bAt] = [backend.addressOf(a), backend.addressOf(b)]
    if ([aSize, bSize].every((n) => n === size || n === 1)) {
      const { info, address } = backend.output(outShape)
      const params = [op, aAt, bAt, address, size, aSize === 1 ? 0 : 1, bSize === 1 ? 0 : 1]
      backend.machine.run('binaryFlat', params, Math.ceil(size / BLOCK), size * costOf(BINARY[op]))
      return info
    }
    const axes = axesOf(a.shape, b.shape, outShape)
    if (axes.length > 4) return undefined
    const { info, address } = backend.output(outShape)
    const run = axes.pop()!
    while (axes.length < 3) axes.unshift({ length: 1, a: 0, b: 0 })
    const places = size / run.length
    const perUnit = Math.max(1, Math.ceil(BLOCK / run.length))
    const walk = [axes.map((axis) => axis.length), axes.map((axis) => axis.a), axes.map((axis) => axis.b)]
    backend.machine.run(
      'binary',
      [op, aAt, bAt, address, ...walk.flat(), run.length, run.a, run.b, perUnit],
      Math.ceil(places / perUnit),
      size * costOf(BINARY[op]),
    )
    return info
  })

/** Of operands without values. */
function nothing(backend: WasmBackend, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  return backend.makeTensorInfo(shape, a.dtype, new Float32Array(0))
}

const unary = (op: number): Kernel =>
  wasmKernel((backend, { x }: Record<'x', tf.TensorInfo>) => {
    if (!areFloats(x)) return undefined
    const size = sizeOf(x.shape)
    const { info, address } = backend.output(x.shape)
    const work = size * costOf(UNARY[op])
    backend.machine.run('unary', [op, backend.addressOf(x), address, size], Math.ceil(size / BLOCK), work)
    return info
  })

/** scale·Σ over the rows of [outer, rows, columns]. */
function sumRows(
  backend: WasmBackend,
  { x, outer, rows, columns, outShape }: Reduction,
  scale: number,
): tf.TensorInfo {
  const { info, address } = backend.output(outShape)
  const units = columns === 1 ? outer : outer * Math.ceil(columns / 16)
  const params = [backend.addressOf(x), address, outer, rows, columns, bits(scale)]
  backend.machine.run('sumRows', params, units, outer * rows * columns)
  return info
}

const reduced =
  (isMean: boolean): Kernel =>
  (args) => {
    const call = sumCall(args, isMean)
    return call && sumRows(args.backend as WasmBackend, call, call.scale)
  }

const max: Kernel = wasmKernel(
  (backend, { x }: Record<'x', tf.TensorInfo>, { reductionIndices, keepDims }: tf.MaxAttrs) => {
    const found = reduction(x, reductionIndices, keepDims)
    if (!found || found.columns > 1) return undefined
    const { outer, rows, outShape } = found
    const { info, address } = backend.output(outShape)
    backend.machine.run('maxRows', [backend.addressOf(x), address, rows], outer, outer * rows)
    return info
  },
)

/** Of tfjs': integers called floats stay integers there, which our kernels would misread. */
const cast: Kernel = wasmKernel((backend, { x }: Record<'x', tf.TensorInfo>, { dtype }: tf.CastAttrs) => {
  if (dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return undefined
  return backend.makeTensorInfo(x.shape, dtype, Float32Array.from(backend.integersOf(x)))
})

export const wasm: Kernels = {
  ...Object.fromEntries(BINARY.map((name, op) => [name, binary(op)])),
  ...Object.fromEntries(UNARY.map((name, op) => [name, unary(op)])),
  [tf.Sum]: reduced(false),
  [tf.Mean]: reduced(true),
  [tf.Max]: max,
  [tf.Cast]: cast,
}
