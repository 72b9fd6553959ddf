/**
 * How the invocations of a convolution kernel read the filter. All of a subgroup want the same values: where subgroups
 * are to be had each invocation loads one and hands it round, else each loads them all. (On a CPU adapter a load is
 * what costs.)
 *
 * The texts use `firstBlock` (first quad of target channels, the same in a whole subgroup) and `depth` (source
 * channels, in quads where they are read so).
 */

import { type Lanes, unroll, WORKGROUP, widened } from '../../shared/program'
import type { Direction } from './convWalk'

export interface FilterReads {
  direction: Direction
  /** Target quads. */
  blocks: number
  /** Lanes of source and target channels; quads of the source only with quads of the target. */
  source: Lanes
  target: Lanes
  /** Invocations that share loads; 0: none do. */
  subgroup: number
  /** WGSL for the number of target channels. */
  targetChannels: string
  /** Stored in 16 bits. */
  half: boolean
}

export interface FilterText {
  directives: string
  /** Once, before the loops. */
  begin: string
  /** Declares the filter's values for a tap and a source channel (quad). Every invocation of a subgroup must get there. */
  read: (tap: string, channel: string) => string
  /** What the source value adds to the target quad `block`. */
  times: (block: number, value: string) => string
}

/** The lane's number without the builtin, which tfjs' entry point does not pass on. */
const LANE = 'let lane = i32(subgroupExclusiveAdd(1u));'

export function filterText(reads: FilterReads): FilterText {
  const { begin, read } = reads.source === 4 ? quadReads(reads) : rowReads(reads)
  return {
    directives: reads.subgroup ? 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);' : '',
    begin: `${reads.subgroup ? LANE : ''}\n${begin}`,
    read,
    times:
      reads.source === 4 && reads.direction === 'backward'
        ? (block, value) => `${value} * w${block}`
        : (block, value) => `w${block} * ${value}`,
  }
}

type Reads = Pick<FilterText, 'begin' | 'read'>

/** 4 × 4 values a block: its columns are source channels forwards, target channels backwards. */
function quadReads({ direction, blocks, subgroup, targetChannels, half }: FilterReads): Reads {
  const quads = `(${targetChannels} / 4)`
  const address = (tap: string, c: string, block: string, row: string) =>
    direction === 'forward'
      ? `((${tap}) * depth * 4 + ${c} * 4 + ${row}) * ${quads} + ${block}`
      : `((${tap}) * ${targetChannels} + ${block} * 4 + ${row}) * depth + ${c}`
  const matrix = (o: number, row: (i: number) => string) =>
    `let w${o} = mat4x4<f32>(${[0, 1, 2, 3].map(row).join(', ')});`
  if (!subgroup) {
    return {
      begin: unroll(blocks, (o) => `let block${o} = min(firstBlock + ${o}, ${quads} - 1);`),
      read: (tap, c) =>
        unroll(blocks, (o) =>
          matrix(o, (i) => widened(`filter_[${address(tap, c, `block${o}`, `${i}`)}]`, 4, half)),
        ),
    }
  }
  const perLoad = Math.max(1, Math.min(blocks, subgroup / 4))
  return {
    begin: unroll(
      Math.ceil(blocks / perLoad),
      (i) => `let block${i} = min(firstBlock + ${i * perLoad} + lane / 4 % ${perLoad}, ${quads} - 1);`,
    ),
    read: (tap, c) =>
      [
        unroll(
          Math.ceil(blocks / perLoad),
          (i) =>
            `let load${i} = ${widened(`filter_[${address(tap, c, `block${i}`, 'lane % 4')}]`, 4, half)};`,
        ),
        unroll(blocks, (o) => {
          const first = (o % perLoad) * 4
          return matrix(o, (row) => `subgroupBroadcast(load${Math.floor(o / perLoad)}, ${first + row}u)`)
        }),
      ].join('\n'),
  }
}

/** A quad a block, from single source channels. */
function rowReads({ direction, blocks, subgroup, target, targetChannels, half }: FilterReads): Reads {
  const loaded = target === 4 ? 'vec4<f32>' : 'f32'
  const count = target === 4 ? `(${targetChannels} / 4)` : targetChannels
  const address = (tap: string, c: string, t: string) =>
    direction === 'forward'
      ? `((${tap}) * depth + ${c}) * ${count} + ${t}`
      : `((${tap}) * ${count} + ${t}) * depth + ${c}`
  const perBlock = target === 4 ? 1 : 4
  const items = blocks * perBlock
  const quad = (o: number, item: (i: number) => string) =>
    target === 4
      ? `let w${o} = ${item(o)};`
      : `let w${o} = vec4<f32>(${[0, 1, 2, 3].map((i) => item(o * 4 + i)).join(', ')});`
  const perLoad = subgroup ? Math.min(items, subgroup) : 1
  const loads = Math.ceil(items / perLoad)
  const place = (i: number) => (subgroup ? `${i * perLoad} + lane % ${perLoad}` : `${i}`)
  return {
    begin: unroll(
      loads,
      (i) => `let target${i} = min(firstBlock * ${perBlock} + ${place(i)}, ${count} - 1);`,
    ),
    read: (tap, c) =>
      [
        unroll(
          loads,
          (i) =>
            `let load${i} : ${loaded} = ${widened(`filter_[${address(tap, c, `target${i}`)}]`, target, half)};`,
        ),
        unroll(blocks, (o) =>
          quad(o, (i) =>
            subgroup ? `subgroupBroadcast(load${Math.floor(i / perLoad)}, ${i % perLoad}u)` : `load${i}`,
          ),
        ),
      ].join('\n'),
  }
}

/** Invocations that share out `count` tiles × `groups` groups of target blocks as `shareTiles` reads them. */
export const sharedThreads = (count: number, groups: number): number =>
  Math.ceil(count / WORKGROUP) * WORKGROUP * groups

/**
 * Gives a whole workgroup one group of target blocks. From `thread`, `count` and `uniforms.groups` it defines `tile`,
 * `firstBlock` and `isSpare` (nothing to write): tiles beyond the count come in again as the last, since all of a
 * subgroup must load.
 */
export function shareTiles(blocks: number, subgroup: number): string {
  return `
  let share = thread / ${WORKGROUP};
  let wanted = share / uniforms.groups * ${WORKGROUP} + thread % ${WORKGROUP};
  let firstBlock = share % uniforms.groups * ${blocks};
  let isSpare = wanted >= count;
  if (${subgroup ? 'subgroupAll(isSpare)' : 'isSpare'}) { return; }
  let tile = min(wanted, count - 1);`
}
