/** Where the lab keeps runs, and what there is of room. */
import type { RunFiles } from '../../core/ports'

/** Ends a claim. */
export type Release = () => void

export interface KeepingPlace {
  files: RunFiles
  /**
   * Makes these runs ours alone to write, over all tabs, until the claim is released or the worker ends.
   * @param patience waits for whoever has them, so long; absent: not at all
   * @returns undefined where another has them
   */
  claim(experiment: string, patience?: AbortSignal): Promise<Release | undefined>
  /** Says that this run is being trained, so that nobody deletes it, until it is let go. @param id of the run */
  holdTrained?(id: string): Release
  /** What the page may use in all, and what it uses; undefined where the browser does not tell. */
  room(): Promise<{ granted: number; used: number } | undefined>
}
