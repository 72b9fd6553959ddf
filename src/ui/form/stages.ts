/** The boxes of a network's diagram: neighbouring blocks of the same make and map size are one box, counted. */
import type { BlockRow } from '../../worker/protocol'

export interface Stage {
  key: string
  name: string
  count: number
  /** Layers of one block, in order. */
  kinds: readonly string[]
  out: readonly number[]
  params: number
}

export function stagesOf(blocks: readonly BlockRow[]): Stage[] {
  const stages: Stage[] = []
  for (const { path, kinds, out, params } of blocks) {
    const last = stages.at(-1)
    if (last && sameMake(last.kinds, kinds) && sameMap(last.out, out)) {
      last.count++
      last.params += params
      last.out = out
    } else stages.push({ key: path, name: nameOf(path), count: 1, kinds, out, params })
  }
  return stages
}

/** `WideResnetGroup_1/WideResnetBlock_0` → `WideResnetBlock` */
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1).replace(/_\d+$/, '')

const sameMake = (a: readonly string[], b: readonly string[]) => a.join() === b.join()
const sameMap = (a: readonly number[], b: readonly number[]) =>
  a.length === 3 && b.length === 3 && a[0] === b[0] && a[1] === b[1]
