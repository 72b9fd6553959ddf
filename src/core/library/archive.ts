/**
 * A run as one file: a zip archive of its folder. What comes in is read through before anything is kept: names that a
 * run has, a record, curves and weights that are whole.
 */
import { zipSync } from 'fflate'
import { BasinError, within } from '../../base/errors'
import { unzip } from '../formats/zip'
import type { RunFiles } from '../ports'
import { decodeWeights } from '../weights/weights'
import { readCheckpoint } from './checkpoints'
import { EDITS, edited, readEdits } from './edits'
import { metricsHeader, readMetrics } from './metricsTable'
import { newId } from './newRecord'
import { FILES, type RunRecord, readRecord, writeRecord } from './record'
import { isRunFile } from './runFileNames'
import { isEventFile, readCurves } from './tensorBoard'
import { isWaypointFile } from './waypoints'

/** @returns the archive, its files in the order of their names */
export async function packRun(files: RunFiles, folder: string): Promise<Uint8Array> {
  const contents: Record<string, Uint8Array> = {}
  for (const key of await files.keys(folder)) {
    const name = key.slice(folder.length)
    const bytes = isRunFile(name) ? await files.get(key) : undefined
    if (bytes) contents[name] = bytes
  }
  const record = contents[FILES.record]
  if (record && (await files.get(folder + EDITS))) {
    const whole = edited(
      readRecord(record, files.where(folder + FILES.record)),
      await readEdits(files, folder),
    )
    contents[FILES.record] = writeRecord(whole)
  }
  // Weights do not get smaller, and curves are little beside them: stored files are read back at once anywhere.
  return zipSync(contents, { level: 0, mtime: new Date('1980-01-01T00:00:00') })
}

/** `sam_mlp_seed0_quiet-bay-1.zip` */
export function archiveName({ key, config, name, curvesOnly }: RunRecord): string {
  const safe = name.replace(/[^\w-]+/g, '_')
  return curvesOnly ? `curves_${safe}.zip` : `${key}_${config.model_name}_seed${config.run_seed}_${safe}.zip`
}

export interface OpenedRun {
  record: RunRecord
  /** By name, below the run's folder. */
  contents: Map<string, Uint8Array>
}

/**
 * @param filename of the archive, for messages
 * @throws BasinError `file-format` or `unsupported` naming the file within and what is wrong with it
 */
export function openRun(bytes: Uint8Array, filename: string): OpenedRun {
  const contents = within(filename, () => unzip(bytes))
  for (const name of contents.keys()) {
    if (!isRunFile(name)) throw foreign(`${filename}: ${name}`, 'a file that a run has')
  }
  return wholeRun(contents, filename)
}

/**
 * A run of its files, each of which was read through.
 * @param place of the files, for messages
 * @throws BasinError as `openRun`
 */
export function wholeRun(contents: Map<string, Uint8Array>, place: string): OpenedRun {
  const where = (name: string) => `${place}: ${name}`
  const bytesOf = (name: string) => {
    const found = contents.get(name)
    if (!found) throw foreign(place, `${name} in it`)
    return found
  }
  const record = readRecord(bytesOf(FILES.record), where(FILES.record))
  if (record.curvesOnly) {
    for (const [name, bytes] of contents) if (isEventFile(name)) readCurves([[where(name), bytes]])
    return { record, contents }
  }
  const table = new TextDecoder().decode(bytesOf(FILES.metrics))
  const lines = readMetrics(table)
  const written = table.trimEnd().split('\n').length - 1
  const hasHeader = [false, true].some((wide) => table.startsWith(metricsHeader(wide)))
  if (!hasHeader || lines.length !== written) {
    throw foreign(where(FILES.metrics), `a line a step, whole and in order, after ${lines.length} lines`)
  }
  for (const [name, file] of contents) {
    if (isWaypointFile(name)) decodeWeights(file, where(name))
    else if (name.endsWith('.safetensors')) readCheckpoint(file, where(name), record.config)
  }
  return { record, contents }
}

/**
 * Keeps a run that was opened, in a folder named after its id; where that is taken by another run under a new one.
 * @returns its folder
 * @throws BasinError `storage-full`, `storage`; nothing of it is kept then
 */
export async function keepRun(files: RunFiles, { record, contents }: OpenedRun): Promise<string> {
  const taken = (await files.get(`${record.id}/${FILES.record}`)) !== undefined
  const id = taken ? newId() : record.id
  const ended = record.state !== 'running'
  const kept: RunRecord = { ...record, id, state: ended ? record.state : 'interrupted' }
  const folder = `${id}/`
  try {
    for (const [name, bytes] of contents) if (name !== FILES.record) await files.put(folder + name, bytes)
    // Last: a folder without a record is no run.
    const asItCame = !taken && ended && contents.get(FILES.record)
    await files.put(folder + FILES.record, asItCame || writeRecord(kept))
  } catch (error) {
    await files.remove([...contents.keys()].map((name) => folder + name)).catch(() => {})
    throw error
  }
  return folder
}

const foreign = (where: string, rule: string) =>
  new BasinError(
    'file-format',
    `${where}: ${rule}, got none`,
    'Export the run again; this file was changed, or is none.',
  )
