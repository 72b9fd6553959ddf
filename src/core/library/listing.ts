/** The runs that lie among some files: their records, and the folders that cannot be read, with why. */
import { BasinError } from '../../base/errors'
import type { RunFiles } from '../ports'
import { isRunFile } from './archive'
import { FILES, type RunRecord, readRecord } from './record'

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

/** @param prefix only runs below this folder */
export async function listRuns(files: RunFiles, prefix = ''): Promise<RunListing> {
  const listing: RunListing = { runs: [], damaged: [] }
  const keys = (await files.keys(prefix)).filter(isRecord)
  for (const key of keys) {
    const folder = key.slice(0, -FILES.record.length)
    try {
      const bytes = await files.get(key)
      if (bytes) listing.runs.push({ folder, record: readRecord(bytes, files.where(key)) })
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      listing.damaged.push({ folder, problem: error.message })
    }
  }
  return listing
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
