/**
 * Matrix products in tiles, as GPUs want them: a workgroup loads a block of either factor into its shared memory, and
 * each of its invocations multiplies a register tile out of it. Between loading and multiplying stands a barrier, so
 * the loops around it run equally often in all invocations of a workgroup: their bounds are uniforms, and what lies
 * beyond the matrices is loaded as zero instead of being skipped.
 */
import type { AdapterFacts } from '../../choice/operation'
import { unroll } from './program'

/** Result rows and columns are pixels and channels, or whatever a product makes of them. */
export interface Tile {
  /** Invocations of a workgroup along the rows and along the columns of its tile. */
  threads: [number, number]
  /** Rows and columns of the result that an invocation owns, multiples of 4. */
  each: [number, number]
  /** Terms of the inner sum that are loaded at a time, a multiple of 4. */
  depth: number
}

/** Each worth its compilation: square ones of two sizes, a wide workgroup, and one for few channels. */
export const TILES: readonly Tile[] = [
  { threads: [16, 4], each: [8, 4], depth: 16 },
  { threads: [8, 8], each: [4, 4], depth: 16 },
  { threads: [8, 8], each: [8, 8], depth: 16 },
  { threads: [16, 16], each: [8, 4], depth: 16 },
]

export const rowsOf = ({ threads, each }: Tile): number => threads[0] * each[0]
export const columnsOf = ({ threads, each }: Tile): number => threads[1] * each[1]
export const workgroupOf = ({ threads }: Tile): number => threads[0] * threads[1]

export const tileName = (tile: Tile): string => `tiles ${rowsOf(tile)}x${columnsOf(tile)}`

/** Bytes of workgroup memory in 32-bit floats. */
const bytesOf = (tile: Tile) => 4 * tile.depth * (rowsOf(tile) + columnsOf(tile))

/** Whether the device can run it at all. */
export function fits(tile: Tile, { limits }: AdapterFacts): boolean {
  return (
    workgroupOf(tile) <= limits.maxComputeInvocationsPerWorkgroup &&
    bytesOf(tile) <= limits.maxComputeWorkgroupStorageSize
  )
}

/** Whether no more than three quarters of the tiles' results lie beyond a matrix of this size. */
export function suits(tile: Tile, rows: number, columns: number): boolean {
  const [high, wide] = [rowsOf(tile), columnsOf(tile)]
  const covered = Math.ceil(rows / high) * high * Math.ceil(columns / wide) * wide
  return covered <= 4 * rows * columns
}

/**
 * `line(i, at)` for each quad that an invocation carries into a block of so many quads, `at` its index in the block:
 * neighbours carry neighbours.
 */
export function eachCarried(tile: Tile, quads: number, line: (i: number, at: string) => string): string {
  const workgroup = workgroupOf(tile)
  return unroll(Math.ceil(quads / workgroup), (i) => line(i, `(local + ${i * workgroup})`))
}
