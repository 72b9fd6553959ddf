/**
 * Experiments that are being trained, each as a small file beside the runs: who opens the page after a crash finds what
 * was going without reading a thousand records.
 */
import type { RunFiles } from '../ports'
import { FILES, type RunRecord, readRecord, writeRecord } from './record'

const FOLDER = 'going/'

export interface GoingExperiment {
  experiment: string
  runs: { folder: string; record: RunRecord }[]
  /** Steps are left to make; else it is a measure that is left. */
  trains: boolean
  /** Runs whose records cannot be read, with what is wrong. */
  damaged: string[]
}

/** Runs are found again from here on, in the order in which they are given. */
export async function markGoing(files: RunFiles, experiment: string, ids: readonly string[]): Promise<void> {
  await files.put(`${FOLDER}${experiment}`, new TextEncoder().encode(JSON.stringify(ids)))
}

export async function markEnded(files: RunFiles, experiment: string): Promise<void> {
  await files.remove([`${FOLDER}${experiment}`])
}

/** Those with steps left to make, or a measure that was cut off, the newest first. What has ended after all is marked so. */
export async function goingExperiments(files: RunFiles): Promise<GoingExperiment[]> {
  const going: GoingExperiment[] = []
  for (const key of await files.keys(FOLDER)) {
    const found = await readGoing(files, key)
    if (found) going.push(found)
    else await files.remove([key])
  }
  const newest = ({ runs }: GoingExperiment) =>
    runs
      .map(({ record }) => record.updated)
      .sort()
      .at(-1) ?? ''
  return going.sort((a, b) => (newest(a) < newest(b) ? 1 : -1))
}

/** An ended process leaves its runs as if they were going: they are not. */
export async function markInterrupted(files: RunFiles, { runs }: GoingExperiment): Promise<void> {
  for (const { folder, record } of runs) {
    if (record.state !== 'running' && record.state !== 'paused') continue
    await changeRecord(files, folder, { state: 'interrupted' })
  }
}

/** Changes a record that no other process writes. @throws BasinError where it cannot be read */
export async function changeRecord(
  files: RunFiles,
  folder: string,
  changes: Partial<RunRecord>,
): Promise<RunRecord | undefined> {
  const key = folder + FILES.record
  const bytes = await files.get(key)
  if (!bytes) return undefined
  const record = { ...readRecord(bytes, files.where(key)), ...changes }
  await files.put(key, writeRecord(record))
  return record
}

async function readGoing(files: RunFiles, key: string): Promise<GoingExperiment | undefined> {
  const runs: GoingExperiment['runs'] = []
  const damaged: string[] = []
  for (const id of idsIn((await files.get(key)) ?? new Uint8Array())) {
    const folder = `${id}/`
    const bytes = await files.get(folder + FILES.record)
    if (!bytes) continue
    try {
      runs.push({ folder, record: readRecord(bytes, files.where(folder + FILES.record)) })
    } catch (error) {
      damaged.push((error as Error).message)
    }
  }
  const trains = runs.some(({ record }) => !ENDED.includes(record.state))
  const isLeft = trains || runs.some(({ record }) => record.unfinished)
  if (!isLeft && damaged.length === 0) return undefined
  return { experiment: key.slice(FOLDER.length), runs, trains, damaged }
}

const ENDED: readonly string[] = ['finished', 'stopped', 'diverged'] satisfies RunRecord['state'][]

function idsIn(bytes: Uint8Array): string[] {
  try {
    const ids: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : []
  } catch {
    return []
  }
}
