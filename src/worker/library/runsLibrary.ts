/**
 * The kept runs as the page sees and changes them: this browser's, in folders named after their ids, and served ones.
 * What reads weights comes when it is asked for: the list needs none of it.
 */
import { BasinError } from '../../base/errors'
import { bringBack, dispose, foldersAside, putAside } from '../../core/library/aside'
import { type CurveLines, curveLines } from '../../core/library/curveLines'
import { type Edits, edit } from '../../core/library/edits'
import { listRuns } from '../../core/library/listing'
import { readMetrics } from '../../core/library/metricsTable'
import { FILES, type RunRecord, readRecord } from '../../core/library/record'
import { isEventFile, readCurves } from '../../core/library/tensorBoard'
import type { InputFile, RunFiles } from '../../core/ports'
import type {
  Deletion,
  ImportProgress,
  ImportReport,
  RunCurves,
  RunDownload,
  RunListing,
} from '../libraryProtocol'
import type { FoundRun } from './packRuns'

export interface LibraryPorts {
  files: RunFiles
  /** A folder beside the page, read only. */
  served?: RunFiles
  /** Whether somebody trains the run. */
  isTrained(record: RunRecord): Promise<boolean>
  /** Says that this tab offers an undo, until it is let go or the tab ends. */
  holdUndo(id: string): Promise<void>
  letUndoGo(id: string): void
  /** Whether some tab does. */
  offersUndo(id: string): Promise<boolean>
}

export class RunsLibrary {
  /** Folders of served runs by their ids, as they were listed last. */
  readonly #served = new Map<string, string>()

  constructor(private readonly ports: LibraryPorts) {}

  async list(): Promise<RunListing> {
    const { files, served } = this.ports
    const own = await listRuns(files, '', true)
    if (!served) return own
    try {
      const known = new Set(own.runs.map(({ record }) => record.id))
      const { runs, damaged } = await listRuns(served)
      // One that was imported is ours to change, and one that lies there twice (sweeps may share runs) is one.
      const others = runs.filter(({ record }) => !known.has(record.id) && known.add(record.id))
      this.#served.clear()
      for (const { folder, record } of others) this.#served.set(record.id, folder)
      return {
        runs: [...own.runs, ...others.map((run) => ({ ...run, served: true as const }))],
        damaged: [...own.damaged, ...damaged.map((one) => ({ ...one, served: true as const }))],
      }
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      return { ...own, unanswered: `${error.message}. ${error.remedy}` }
    }
  }

  /** Disposes of what tabs that are closed had put aside. */
  async sweep(): Promise<void> {
    const { files, offersUndo } = this.ports
    for (const folder of await foldersAside(files)) {
      if (!(await offersUndo(folder.slice(0, -1)))) await dispose(files, folder)
    }
  }

  async curves(ids: readonly string[]): Promise<RunCurves[]> {
    const found: RunCurves[] = []
    for (const id of ids) {
      const run = await this.#find(id)
      if (run) found.push({ id, updated: run.record.updated, lines: await linesOf(run) })
    }
    return found
  }

  async checkpoints(id: string): Promise<number[]> {
    const { files, folder, record } = await this.#known(id)
    const { keptCheckpoints } = await import('../../core/library/checkpoints')
    const kept = await keptCheckpoints(files, folder, record.stepsPerEpoch)
    return [...new Set(kept.map(({ step }) => step))].sort((a, b) => a - b)
  }

  async edit(ids: readonly string[], changes: Edits): Promise<void> {
    for (const id of ids) {
      this.#refuseServed(id)
      await edit(this.ports.files, folderOf(id), changes)
    }
  }

  async pack(ids: readonly string[]): Promise<RunDownload> {
    const runs = await Promise.all(ids.map((id) => this.#known(id)))
    const { packRuns } = await import('./packRuns')
    return packRuns(runs)
  }

  /** What is brought in again is no longer to be undone: what is left of the deleted one goes first. */
  async take(
    files: readonly InputFile[],
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportReport> {
    const { takeRuns } = await import('./takeRuns')
    return takeRuns(this.ports.files, files, onProgress, (id) => this.forget([id]))
  }

  async remove(ids: readonly string[]): Promise<Deletion> {
    const { files, isTrained, holdUndo } = this.ports
    for (const id of ids) {
      this.#refuseServed(id)
      const run = await this.#find(id).catch(ofDamaged)
      if (run && (await isTrained(run.record))) throw inTraining(run.record)
    }
    let bytes = 0
    for (const id of ids) {
      // Before anything is put aside, so that no other tab disposes of it meanwhile.
      await holdUndo(id)
      bytes += await this.#sizeOf(id)
      await putAside(files, folderOf(id))
    }
    return { ids: [...ids], bytes }
  }

  async restore(ids: readonly string[]): Promise<string[]> {
    const back: string[] = []
    for (const id of ids) {
      if (await bringBack(this.ports.files, folderOf(id))) back.push(id)
      this.ports.letUndoGo(id)
    }
    return back
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await dispose(this.ports.files, folderOf(id))
      this.ports.letUndoGo(id)
    }
  }

  /** @throws BasinError `file-format`, `unsupported` where its record cannot be read */
  async #find(id: string): Promise<FoundRun | undefined> {
    const at = this.#served.get(id)
    const { served } = this.ports
    const [files, folder] = served && at !== undefined ? [served, at] : [this.ports.files, folderOf(id)]
    const key = folder + FILES.record
    const bytes = await files.get(key)
    return bytes && { files, folder, record: readRecord(bytes, files.where(key)) }
  }

  async #known(id: string): Promise<FoundRun> {
    const run = await this.#find(id)
    if (!run) throw gone(id)
    return run
  }

  #refuseServed(id: string): void {
    if (this.#served.has(id)) throw readOnly(id)
  }

  async #sizeOf(id: string): Promise<number> {
    const sizes = await this.ports.files.sizes(folderOf(id))
    return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  }
}

async function linesOf({ files, folder, record }: FoundRun): Promise<CurveLines> {
  if (!record.curvesOnly) {
    const table = (await files.get(folder + FILES.metrics)) ?? new Uint8Array()
    return curveLines(readMetrics(new TextDecoder().decode(table)), record.stepsPerEpoch)
  }
  const events: [string, Uint8Array][] = []
  for (const key of (await files.keys(folder)).filter(isEventFile)) {
    events.push([files.where(key), (await files.get(key)) ?? new Uint8Array()])
  }
  return readCurves(events)
}

const folderOf = (id: string) => `${id}/`

/** What cannot be read is not in training. */
function ofDamaged(error: unknown): undefined {
  if (!(error instanceof BasinError)) throw error
}

const gone = (id: string) =>
  new BasinError(
    'storage',
    `run ${id}: kept here, got none`,
    'Another tab may have deleted it. Reload the list.',
  )

const inTraining = ({ name }: RunRecord) =>
  new BasinError(
    'config',
    `${name}: ended before it is deleted, got one in training`,
    'Stop it, then delete it.',
  )

const readOnly = (id: string) =>
  new BasinError(
    'unsupported',
    `run ${id}: one of this browser’s, got one of the folder that is served`,
    'Export it and import it here, or change it with npm run runs.',
  )
