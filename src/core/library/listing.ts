/** The runs that lie among some files: their records, and the folders that cannot be read, with why. */
import { BasinError } from '../../base/errors'
import type { RunFiles } from '../ports'
import { ASIDE } from './aside'
import { EDITS, edited, readEdits } from './edits'
import { FILES, type RunRecord, readRecord } from './record'
import { isRunFile } from './runFileNames'

export interface ListedRun {
  /** With a slash at its end; empty where the files are the run's own. */
  folder: string
  record: RunRecord
}

export interface DamagedRun {
  folder: string
  /** What is wrong with it. */
  problem: string
}

export interface RunListing {
  runs: ListedRun[]
  damaged: DamagedRun[]
}

const isRecord = (key: string) => key === FILES.record || key.endsWith(`/${FILES.record}`)

/** So many records are asked for before the first is there. */
const AT_ONCE = 64

/**
 * @param prefix only runs below this folder
 * @param orphans whether a folder with curves or checkpoints and no record counts as damaged: where no earlier version
 * has written, something has been lost
 */
export async function listRuns(files: RunFiles, prefix = '', orphans = false): Promise<RunListing> {
  const listing: RunListing = { runs: [], damaged: [] }
  const keys = await files.keys(prefix)
  const there = new Set(keys)
  const folders = keys.filter(isRecord).map((key) => key.slice(0, -FILES.record.length))
  for (const folder of orphans ? new Set(keys.flatMap(beganIn)) : []) {
    if (there.has(folder + FILES.record) || there.has(folder + ASIDE)) continue
    listing.damaged.push({ folder, problem: `${folder}: ${FILES.record} is missing` })
  }
  for (let i = 0; i < folders.length; i += AT_ONCE) {
    const some = folders
      .slice(i, i + AT_ONCE)
      .map((folder) => listed(files, folder, there.has(folder + EDITS)))
    for (const one of await Promise.all(some)) {
      if (one && 'record' in one) listing.runs.push(one)
      else if (one) listing.damaged.push(one)
    }
  }
  return listing
}

/** @returns undefined where it is gone meanwhile */
async function listed(
  files: RunFiles,
  folder: string,
  hasEdits: boolean,
): Promise<ListedRun | DamagedRun | undefined> {
  const key = folder + FILES.record
  try {
    const bytes = await files.get(key)
    if (!bytes) return undefined
    const record = readRecord(bytes, files.where(key))
    return { folder, record: hasEdits ? edited(record, await readEdits(files, folder)) : record }
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    return { folder, problem: error.message }
  }
}

/** Of these keys those that lie in a run's folder and are of its kinds. */
export function filesOfRuns(keys: readonly string[]): string[] {
  const folders = new Set(keys.filter(isRecord).map((key) => key.slice(0, -FILES.record.length)))
  return keys.filter((key) =>
    // Every folder that the file lies in, at any depth.
    [...key.matchAll(/\/|^/g)]
      .map(({ index, 0: { length } }) => key.slice(0, index + length))
      .some((folder) => folders.has(folder) && isRunFile(key.slice(folder.length))),
  )
}

/** The folder of a run that a file belongs to, where it is one that nothing but a run has: it began there. */
function beganIn(key: string): string[] {
  const name = [FILES.metrics, FILES.checkpoints].find((part) => {
    const at = key.lastIndexOf(part)
    return at === 0 || key[at - 1] === '/'
  })
  return name ? [key.slice(0, key.lastIndexOf(name))] : []
}
