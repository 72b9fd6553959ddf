/**
 * The contract between page and library worker: the runs that are kept, whoever trained them. Plain structured-cloneable
 * data; errors arrive inside `Reply`. Beside the training worker, so that a list is read while a run goes on.
 */

import type { Reply } from '../base/reply'
import type { CurveLines } from '../core/library/curveLines'
import type { Edits } from '../core/library/edits'
import type { DamagedRun as DamagedFolder, ListedRun as FoundRun } from '../core/library/listing'
import type { PickedFile } from './dataProtocol'

export interface ListedRun extends FoundRun {
  /** Of the folder that the page's server shows: read only. */
  served?: true
}

export interface DamagedRun extends DamagedFolder {
  served?: true
}

export interface RunListing {
  runs: ListedRun[]
  damaged: DamagedRun[]
  /** Why a served folder is not in it. */
  unanswered?: string
}

/** The curves of one run. */
export interface RunCurves {
  id: string
  /** Of the record when they were read: another one has grown. */
  updated: string
  lines: CurveLines
}

export interface ImportReport {
  /** Ids of the runs that are here now. */
  imported: string[]
  /** What was wrong with the others; nothing of them is kept. */
  refused: string[]
}

export interface ImportProgress {
  done: number
  total: number
}

export interface RunDownload {
  filename: string
  blob: Blob
}

/** What was deleted and can still be had back. */
export interface Deletion {
  ids: string[]
  /** Room that it takes until then; 0 where nobody knows. */
  bytes: number
}

export interface LibraryApi {
  /** Call first, once. @param served address of the folder of runs that the page's server shows, if it does */
  init(served: string | undefined): Promise<Reply>
  list(): Promise<Reply<RunListing>>
  /** Of the runs that are still there. */
  curves(ids: string[]): Promise<Reply<RunCurves[]>>
  /** Steps of its checkpoints, ascending. */
  checkpoints(id: string): Promise<Reply<number[]>>
  /** What a person says of runs. */
  edit(ids: string[], changes: Edits): Promise<Reply>
  /** One run: its folder as .zip, as `npm run runs -- export` writes it. Several: a .zip of those. */
  pack(ids: string[]): Promise<Reply<RunDownload>>
  /** Run files, .zip of them, folders with runs, folders with TensorBoard's event files. */
  take(files: PickedFile[], onProgress: (progress: ImportProgress) => void): Promise<Reply<ImportReport>>
  /** Puts runs aside. @throws BasinError `config` where one of them is being trained; then none is deleted */
  remove(ids: string[]): Promise<Reply<Deletion>>
  /** Undoes a deletion. @returns the runs that are there again */
  restore(ids: string[]): Promise<Reply<string[]>>
  /** The undo cannot be asked for any more: now they go. */
  forget(ids: string[]): Promise<Reply>
}

export { type Band, bandOf } from '../core/library/bands'
export { type Change, changesSince, changesText } from '../core/library/changes'
export { type Difference, differenceOf, type SeededValue } from '../core/library/difference'
export { grouped, type Interval, intervalOf } from '../core/library/groups'
export { type Coordinate, type HeatMap, heatMapOf } from '../core/library/heatMap'
export type { RunRecord } from '../core/library/record'
export type { CurveLines, Edits, PickedFile }
