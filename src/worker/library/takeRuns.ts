/**
 * Runs from files that somebody hands in, one after the other: each is read through before anything of it is kept, and
 * a file that is wrong keeps none of the others out.
 */
import { BasinError } from '../../base/errors'
import { decodeEvents } from '../../core/formats/readTfevents'
import { isZip, unzip } from '../../core/formats/zip'
import { keepRun, type OpenedRun, openRun, wholeRun } from '../../core/library/archive'
import { FILES, writeRecord } from '../../core/library/record'
import { isRunFile } from '../../core/library/runFileNames'
import { curvesRecord, isEventFile, readCurves } from '../../core/library/tensorBoard'
import type { InputFile, RunFiles } from '../../core/ports'
import type { ImportProgress, ImportReport } from '../libraryProtocol'

/**
 * @param beforeKeeping is told the id of a run that is whole
 */
export async function takeRuns(
  into: RunFiles,
  files: readonly InputFile[],
  onProgress: (progress: ImportProgress) => void,
  beforeKeeping: (id: string) => Promise<void>,
): Promise<ImportReport> {
  const report: ImportReport = { imported: [], refused: [] }
  const packages = packagesOf(files)
  if (packages.length === 0) report.refused.push(nothing(files))
  for (const [done, open] of packages.entries()) {
    onProgress({ done, total: packages.length })
    try {
      for await (const run of open()) {
        await beforeKeeping(run.record.id)
        report.imported.push((await keepRun(into, run)).slice(0, -1))
      }
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      report.refused.push(`${error.message}. ${error.remedy}`)
    }
  }
  return report
}

/** Hands out the runs of one file or folder, whole. */
type Package = () => AsyncIterable<OpenedRun>

function packagesOf(files: readonly InputFile[]): Package[] {
  const runFolders = files
    .filter(({ path }) => path === FILES.record || path.endsWith(`/${FILES.record}`))
    .map(({ path }) => path.slice(0, -FILES.record.length))
  const inRun = (path: string) => runFolders.some((folder) => path.startsWith(folder))
  const packages: Package[] = runFolders.map((folder) => () => fromFolder(folder, files))
  const left = files.filter(({ path }) => !inRun(path))
  const eventFolders = new Set(left.filter(({ path }) => isEventFile(path)).map(({ path }) => folderOf(path)))
  for (const folder of eventFolders) packages.push(() => fromEvents(folder, left))
  for (const file of left) if (/\.zip$/i.test(file.path)) packages.push(() => fromArchive(file))
  return packages
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1)

const nothing = (files: readonly InputFile[]): string => {
  const names = files.slice(0, 3).map(({ path }) => path)
  const shown = files.length > 3 ? `${names.join(', ')} and ${files.length - 3} more` : names.join(', ')
  return `${shown || 'files'}: a run, got none. Runs are .zip files of an export, folders with a run.json, and folders with TensorBoard’s event files.`
}

async function* fromFolder(folder: string, files: readonly InputFile[]): AsyncIterable<OpenedRun> {
  const contents = new Map<string, Uint8Array>()
  for (const file of files) {
    const name = file.path.slice(folder.length)
    if (file.path.startsWith(folder) && isRunFile(name)) contents.set(name, await bytesOf(file))
  }
  yield wholeRun(contents, folder.slice(0, -1) || 'folder')
}

async function* fromEvents(folder: string, files: readonly InputFile[]): AsyncIterable<OpenedRun> {
  const contents = new Map<string, Uint8Array>()
  let written = Number.POSITIVE_INFINITY
  const events: [string, Uint8Array][] = []
  for (const file of files) {
    if (!isEventFile(file.path) || folderOf(file.path) !== folder) continue
    const bytes = await bytesOf(file)
    events.push([file.path, bytes])
    // Hosts' names may have what run files do not.
    contents.set(file.path.slice(folder.length).replace(/[^\w.-]/g, '_'), bytes)
  }
  const curves = readCurves(events)
  for (const [, bytes] of events)
    for (const { wallTime } of decodeEvents(bytes).events) written = Math.min(written, wallTime)
  const record = curvesRecord(folder.slice(0, -1) || 'curves', curves, written)
  contents.set(FILES.record, writeRecord(record))
  yield { record, contents }
}

/** A run's own file, or one of such files. */
async function* fromArchive(file: InputFile): AsyncIterable<OpenedRun> {
  const bytes = await bytesOf(file)
  const inner = isZip(bytes) ? innerArchives(bytes) : []
  if (inner.length === 0) yield openRun(bytes, file.path)
  for (const [name, archive] of inner) yield openRun(archive, `${file.path}: ${name}`)
}

/** Empty where the archive is something else, or damaged: then it is opened as a run, which says so. */
function innerArchives(bytes: Uint8Array): [string, Uint8Array][] {
  try {
    const entries = [...unzip(bytes)]
    return entries.length > 0 && entries.every(([name]) => /^[^/]+\.zip$/.test(name)) ? entries : []
  } catch (error) {
    if (error instanceof BasinError) return []
    throw error
  }
}

const bytesOf = (file: InputFile): Promise<Uint8Array> => file.slice(0, file.size)
