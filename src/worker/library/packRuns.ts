/** Runs as files to take home. */
import { zipSync } from 'fflate'
import { archiveName, packRun } from '../../core/library/archive'
import type { RunRecord } from '../../core/library/record'
import type { RunFiles } from '../../core/ports'
import type { RunDownload } from '../libraryProtocol'

export interface FoundRun {
  files: RunFiles
  folder: string
  record: RunRecord
}

/** One: its folder as .zip. Several: a .zip of those. */
export async function packRuns(runs: readonly FoundRun[]): Promise<RunDownload> {
  const archives: Record<string, Uint8Array> = {}
  for (const { files, folder, record } of runs) {
    const base = archiveName(record)
    let name = base
    for (let n = 2; name in archives; n++) name = base.replace(/\.zip$/, `_${n}.zip`)
    archives[name] = await packRun(files, folder)
  }
  const names = Object.keys(archives)
  const [filename, bytes] =
    names.length === 1
      ? [names[0], archives[names[0]]]
      : [`basin_${names.length}_runs.zip`, zipSync(archives, { level: 0 })]
  return { filename, blob: new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/zip' }) }
}
