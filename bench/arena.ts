/** Where the contestants of a run come from and how long they may take. */
import type { Host } from './hosts/host'
import type { BenchOptions } from './options'
import type { PeerName, Row } from './report'
import type { BenchServer } from './server'

export type ContestantName = 'basin' | PeerName

export interface Arena {
  options: BenchOptions
  server: BenchServer
  /** A fresh process or page. @throws Error when there is none of this name */
  start(name: ContestantName): Promise<Host>
  /** Seconds left of the whole run. */
  secondsLeft(): number
  /** A line on what goes on, not part of the report. */
  say(line: string): void
}

/** A part of the bench. */
export type Section = (arena: Arena) => Promise<Row[]>
