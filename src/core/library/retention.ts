/**
 * What goes when there is no room: checkpoints, never curves or records; those of the run that was trained longest ago
 * first; never of a pinned one, nor of one that is still going.
 */
import type { RunFiles } from '../ports'
import { listRuns } from './listing'
import { FILES, type RunRecord } from './record'

/** Of what the browser grants the page, for all checkpoints together. */
export const CHECKPOINT_SHARE = 0.5

/** Checkpoints of a run, which its curves can do without. */
export interface HeldCheckpoints {
  record: RunRecord
  keys: string[]
  bytes: number
}

export interface RoomRequest {
  /** Bytes that are about to be written. */
  need: number
  /** Bytes that may be used in all, and those that are. */
  granted: number
  used: number
}

/**
 * @returns whose checkpoints go, the oldest first; undefined where there is no room even without all of them
 */
export function toLetGo(
  held: readonly HeldCheckpoints[],
  { need, granted, used }: RoomRequest,
): HeldCheckpoints[] | undefined {
  const checkpoints = bytesOf(held)
  const missing = Math.max(checkpoints + need - CHECKPOINT_SHARE * granted, used + need - granted)
  const going = oldestFor(held, missing)
  return missing > bytesOf(going) ? undefined : going
}

/** Whose checkpoints go for so many bytes, the oldest first; all that may where they are fewer. */
export function oldestFor(held: readonly HeldCheckpoints[], bytes: number): HeldCheckpoints[] {
  const going: HeldCheckpoints[] = []
  const oldestFirst = held
    .filter(({ record, keys }) => keys.length > 0 && !record.pinned && !GOING.includes(record.state))
    .sort((a, b) => (a.record.updated < b.record.updated ? -1 : 1))
  for (const one of oldestFirst) {
    if (bytesOf(going) >= bytes) break
    going.push(one)
  }
  return going
}

const bytesOf = (held: readonly HeldCheckpoints[]) => held.reduce((sum, { bytes }) => sum + bytes, 0)

const GOING: readonly string[] = ['running', 'paused', 'interrupted'] satisfies RunRecord['state'][]

/** The checkpoints of all kept runs. */
export async function heldCheckpoints(files: RunFiles): Promise<HeldCheckpoints[]> {
  const [{ runs }, sizes] = await Promise.all([listRuns(files), files.sizes('')])
  const held = new Map<string, HeldCheckpoints>(
    runs.map(({ folder, record }) => [folder + FILES.checkpoints, { record, keys: [], bytes: 0 }]),
  )
  for (const [key, bytes] of sizes) {
    const one = held.get(key.slice(0, key.indexOf(FILES.checkpoints) + FILES.checkpoints.length))
    if (!one) continue
    one.keys.push(key)
    one.bytes += bytes
  }
  return [...held.values()]
}
