/**
 * Batch norm written in tfjs ops is mostly [N, H, W, C] against [C] or [1, 1, 1, C], and sums of [N, H, W, C] over
 * all but C. Here is recognised which calls are of these two forms; tfjs computes them by coordinates of every
 * single value, or transposes first.
 */
import * as tf from '../../tf'
import type { KernelArgs } from '../../tf/kernels'

export type BinaryOp = 'Add' | 'Sub' | 'Multiply' | 'RealDiv'
export const BINARY_OPS: readonly BinaryOp[] = ['Add', 'Sub', 'Multiply', 'RealDiv']

/** out[i] = a[i mod size of a] ∘ b[i mod size of b]; one of the two has the result's size. */
export interface TrailingBroadcast {
  a: tf.TensorInfo
  b: tf.TensorInfo
  aSize: number
  bSize: number
  outShape: number[]
  size: number
}

/** A binary op whose smaller operand repeats along leading axes only; undefined for every other. */
export function trailingBroadcast(args: KernelArgs): TrailingBroadcast | undefined {
  const { a, b } = args.inputs as Record<'a' | 'b', tf.TensorInfo>
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined
  const outShape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  const size = tf.util.sizeFromShape(outShape)
  const [aSize, bSize] = [tf.util.sizeFromShape(a.shape), tf.util.sizeFromShape(b.shape)]
  if (size === 0 || Math.max(aSize, bSize) !== size) return undefined
  if (!isSuffix(a.shape, outShape) || !isSuffix(b.shape, outShape)) return undefined
  return { a, b, aSize, bSize, outShape, size }
}

function isSuffix(shape: number[], outShape: number[]): boolean {
  const first = shape.findIndex((length) => length !== 1)
  if (first < 0) return true
  const trailing = shape.slice(first)
  return tf.util.arraysEqual(trailing, outShape.slice(outShape.length - trailing.length))
}

/** Sum over the rows of a [rows, columns] matrix. */
export interface LeadingReduction {
  x: tf.TensorInfo
  rows: number
  columns: number
  outShape: number[]
}

/** A sum or mean over leading axes that leaves trailing ones; undefined for every other. */
export function leadingReduction(args: KernelArgs): LeadingReduction | undefined {
  const { x } = args.inputs as Record<'x', tf.TensorInfo>
  const { axis, keepDims } = args.attrs as unknown as tf.SumAttrs
  const axes = tf.util.parseAxisParam(axis, x.shape)
  const isLeading = axes.length < x.shape.length && [...axes].sort((p, q) => p - q).every((a, i) => a === i)
  if (x.dtype !== 'float32' || !isLeading || axes.length === 0 || x.shape.includes(0)) return undefined
  const kept = x.shape.slice(axes.length)
  return {
    x,
    rows: tf.util.sizeFromShape(x.shape.slice(0, axes.length)),
    columns: tf.util.sizeFromShape(kept),
    outShape: keepDims ? [...axes.map(() => 1), ...kept] : kept,
  }
}

/** Sum over the rows of [outer, rows, columns]. */
export interface MiddleReduction {
  x: tf.TensorInfo
  outer: number
  rows: number
  columns: number
  outShape: number[]
}

/** A sum or mean over neighbouring axes with others before and behind them; undefined for every other. */
export function middleReduction(args: KernelArgs): MiddleReduction | undefined {
  const { x } = args.inputs as Record<'x', tf.TensorInfo>
  const { axis, keepDims } = args.attrs as unknown as tf.SumAttrs
  const axes = [...tf.util.parseAxisParam(axis, x.shape)].sort((p, q) => p - q)
  if (x.dtype !== 'float32' || axes.length === 0 || x.shape.includes(0)) return undefined
  const [first, last] = [axes[0], axes[axes.length - 1]]
  const isInside = first > 0 && last < x.shape.length - 1 && last - first === axes.length - 1
  if (!isInside) return undefined
  const [before, behind] = [x.shape.slice(0, first), x.shape.slice(last + 1)]
  return {
    x,
    outer: tf.util.sizeFromShape(before),
    rows: tf.util.sizeFromShape(x.shape.slice(first, last + 1)),
    columns: tf.util.sizeFromShape(behind),
    outShape: [...before, ...(keepDims ? axes.map(() => 1) : []), ...behind],
  }
}
