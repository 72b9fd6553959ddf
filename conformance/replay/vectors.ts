/** Between a golden's named tensors and the flat vectors of a network. */
import type { ParamLayout, StatLayout } from '../../src/core/models/network'
import type { Checks } from './checks'
import { Unsupported } from './checks'
import type { GoldenTensor, Tensors } from './golden'

type Layout = ParamLayout | StatLayout

/** Gathers `prefix + name + suffix` for every entry; undefined entries come from `otherwise`. */
export function gather(
  layout: Layout,
  tensors: Tensors,
  prefix: string,
  otherwise?: (entry: Layout['entries'][number]) => ArrayLike<number>,
): Float32Array {
  const out = new Float32Array(layout.size)
  for (const entry of layout.entries) {
    const values = tensors.get(prefix + entry.name)?.data ?? otherwise?.(entry)
    if (!values) throw new Unsupported(`tensor ${prefix}${entry.name} is missing`)
    if (values.length !== entry.size) {
      throw new Unsupported(`${prefix}${entry.name}: [${entry.shape}] expected, got ${values.length} values`)
    }
    out.set(values, entry.offset)
  }
  return out
}

/** Row `index` along the first axis. */
export function row({ shape, data }: GoldenTensor, index: number): Float32Array {
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  return Float32Array.from({ length: size }, (_, i) => data[index * size + i])
}

/** Class indices or rows of probabilities → [n, classes] rows. */
export function labelRows(labels: ArrayLike<number>, count: number, classes: number): Float32Array {
  if (labels.length === count * classes && classes > 1) return Float32Array.from(labels)
  const rows = new Float32Array(count * classes)
  for (let i = 0; i < count; i++) rows[i * classes + labels[i]] = 1
  return rows
}

/**
 * Compares every entry for which the golden has a tensor.
 * @param expected by entry name; undefined where the golden stores nothing
 * @returns how many entries were compared
 */
export function compareEntries(
  checks: Checks,
  what: string,
  layout: Layout,
  vector: Float32Array,
  expected: (name: string) => ArrayLike<number> | undefined,
  tolerance: number | ((name: string) => number),
): number {
  let compared = 0
  for (const { name, offset, size } of layout.entries) {
    const values = expected(name)
    if (!values) continue
    const allowed = typeof tolerance === 'number' ? tolerance : tolerance(name)
    checks.compare(`${what}/${name}`, vector.subarray(offset, offset + size), values, allowed)
    compared++
  }
  return compared
}
