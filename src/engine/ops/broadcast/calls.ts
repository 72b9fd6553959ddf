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

/** A sum, mean or maximum over neighbouring axes: over the rows of [outer, rows, columns]. */
export interface Reduction {
  x: tf.TensorInfo
  outer: number
  rows: number
  columns: number
  outShape: number[]
  /** Whether the axes are the last, the first (but not all), or have others on both sides. */
  kind: 'trailing' | 'leading' | 'middle'
}

/** Undefined where the axes do not lie side by side. */
export function reduction(
  x: tf.TensorInfo,
  axis: number | number[],
  keepDims: boolean,
): Reduction | undefined {
  const axes = [...tf.util.parseAxisParam(axis, x.shape)].sort((p, q) => p - q)
  const isRun = axes.every((a, i) => i === 0 || a === axes[i - 1] + 1)
  if (x.dtype !== 'float32' || x.shape.includes(0) || axes.length === 0 || !isRun) return undefined
  const [first, end] = [axes[0], axes[axes.length - 1] + 1]
  const [before, behind] = [x.shape.slice(0, first), x.shape.slice(end)]
  return {
    x,
    outer: tf.util.sizeFromShape(before),
    rows: tf.util.sizeFromShape(x.shape.slice(first, end)),
    columns: tf.util.sizeFromShape(behind),
    outShape: [...before, ...(keepDims ? axes.map(() => 1) : []), ...behind],
    kind: end === x.shape.length ? 'trailing' : first === 0 ? 'leading' : 'middle',
  }
}

/** The sum or mean that tfjs asks for, as a sum of what is multiplied by `scale`. */
export function sumCall({ inputs, attrs }: KernelArgs, isMean: boolean) {
  const { axis, keepDims } = attrs as unknown as tf.SumAttrs
  const found = reduction((inputs as Record<'x', tf.TensorInfo>).x, axis, keepDims)
  return found && { ...found, scale: isMean ? 1 / found.rows : 1 }
}
