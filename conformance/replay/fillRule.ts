/** Weights and statistics that a golden does not store, made from their names. Source: the goldens' README. */
import type { ParamEntry, StatEntry } from '../../src/core/models/network'

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash >>> 0
}

/** In [−1, 1). */
function unit(hash: number, index: number): number {
  let x = (hash + Math.imul(index, 2654435761)) >>> 0
  x ^= x >>> 16
  x = Math.imul(x, 0x7feb352d)
  x ^= x >>> 15
  x = Math.imul(x, 0x846ca68b)
  x ^= x >>> 16
  return (x >>> 0) / 2147483648 - 1
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)

/**
 * @param gain of kernels; the case's `gain` field
 * @returns row-major values of the entry
 */
export function fillByName(
  { name, shape, size }: Pick<ParamEntry | StatEntry, 'name' | 'shape' | 'size'>,
  gain = 1,
): Float32Array {
  const hash = fnv1a(name)
  const value = rule(name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1), shape, gain)
  return Float32Array.from({ length: size }, (_, i) => value(unit(hash, i)))
}

function rule(kind: string, shape: readonly number[], gain: number): (u: number) => number {
  switch (kind) {
    case 'kernel': {
      const bound = gain * Math.sqrt(6 / product(shape.slice(0, -1)))
      return (u) => u * bound
    }
    case 'depthwise_kernel': {
      const bound = gain * Math.sqrt(6 / (shape[0] * shape[1]))
      return (u) => u * bound
    }
    case 'scale':
      return (u) => 1 + 0.2 * u
    case 'var':
      return (u) => 1 + 0.5 * u
    default:
      return (u) => 0.1 * u
  }
}
