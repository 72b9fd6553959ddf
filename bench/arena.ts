/** Where the contestants of a run come from and how long they may take. */
import { messageOf, within } from './alternate'
import type { Host } from './hosts/host'
import type { BenchOptions } from './options'
import { type Case, type PeerName, type Row, rowOf } from './report'
import type { BenchServer } from './server'
import type { Spec } from './workload'

export type ContestantName = 'basin' | PeerName

export interface Arena {
  options: BenchOptions
  server: BenchServer
  /** The checkout. */
  root: string
  /** A fresh process or page. @throws Error when there is none of this name */
  start(name: ContestantName): Promise<Host>
  add(rows: readonly Row[]): void
  /** What the built page computes on, which chooses for itself: the report's device where the page is all it is of. */
  pageDevice(name: string): void
  /** Seconds left of the whole run. */
  secondsLeft(): number
  /** A line on what goes on, not part of the report. */
  say(line: string): void
}

/** A row's case, from what was trained. */
export const caseOf = ({ model, batch, shape }: Spec): Case => ({ model, batch, shape: shape.join('x') })

/** Adds the rows that `work` measures; where it fails, one of this name that says why. */
export async function addMeasured(
  arena: Arena,
  of: Case,
  name: string,
  unit: string,
  work: () => Promise<readonly Row[]>,
): Promise<void> {
  arena.add(await work().catch((error) => [rowOf(of, name, unit, { error: messageOf(error) })]))
}

/** A contestant that is ready. @throws what kept it from starting */
export async function opened(arena: Arena, name: ContestantName): Promise<Host> {
  const host = await arena.start(name)
  await within(host.open(), 60_000)
  return host
}

/** Like `opened`, handed to `use` and ended after it, or when `use` takes longer than the limit. */
export async function withHost<T>(
  arena: Arena,
  name: ContestantName,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  const limit = Math.min(arena.options.limit, arena.secondsLeft())
  if (limit < 5) throw new Error(`left out: ${arena.options.minutes} min are over`)
  const host = await opened(arena, name)
  try {
    return await within(use(host), limit * 1000)
  } finally {
    await host.close()
  }
}

/** A part of the bench; hands its rows in as they come, so that a run cut short still has something to say. */
export type Section = (arena: Arena) => Promise<void>
