/**
 * Matrix products in tiles, as GPUs want them: a workgroup loads a block of either factor into its shared memory, and
 * each of its invocations multiplies a register tile out of it. Between loading and multiplying stands a barrier, so
 * the loops around it run equally often in all invocations of a workgroup: their bounds are uniforms, and what lies
 * beyond the matrices is loaded as zero instead of being skipped.
 */
import type { AdapterFacts } from '../../device/adapter'

/** Result rows and columns are pixels and channels, or whatever a product makes of them. */
export interface Tile {
  /** Invocations of a workgroup along the rows and along the columns of its tile. */
  threads: [number, number]
  /** Rows and columns of the result that an invocation owns, multiples of 4. */
  each: [number, number]
  /** Terms of the inner sum that are loaded at a time, a multiple of 4. */
  depth: number
}

/** Each worth its compilation: a small one, one for few channels, and one that multiplies more for what it loads. */
export const TILES: readonly Tile[] = [
  { threads: [8, 8], each: [4, 4], depth: 16 },
  { threads: [16, 4], each: [8, 4], depth: 16 },
  { threads: [8, 16], each: [8, 4], depth: 16 },
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

/** Quads of a block of so many that each invocation carries. */
export const carried = (tile: Tile, quads: number): number => Math.ceil(quads / workgroupOf(tile))

/**
 * The text for each quad that an invocation (`local` in the workgroup) carries into a block of so many: its `i`-th is
 * the block's `at`-th; neighbours carry neighbours. A loop of a known few rounds, which compilers of GPUs unroll.
 */
export function eachCarried(tile: Tile, quads: number, line: string): string {
  return `
  for (var i = 0; i < ${carried(tile, quads)}; i++) {
    let at = local + i * ${workgroupOf(tile)};
    if (at < ${quads}) {
      ${line}
    }
  }`
}
