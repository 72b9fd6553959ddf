/** A sweep's runs as they lie below a folder, with the file that they were planned by. */
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { listRuns } from '../../core/library/listing'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { onDisk, writeInto } from '../../platform/node/folders'
import { type RunResult, resultOf } from './job'

const FILE = 'sweep.json'

/** So that the folder says by itself what it is of. @throws BasinError `storage` */
export function keepSweepFile(dir: string, name: string, text: string): void {
  const path = join(dir, name, FILE)
  const remedy = 'Choose another --output_dir.'
  onDisk(path, remedy, () => {
    if (keptSweepFile(dir, name) !== text) writeInto(path, text, remedy)
  })
}

/** Undefined where there is none. */
export function keptSweepFile(dir: string, name: string): string | undefined {
  const path = join(dir, name, FILE)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** @param note is told of folders that cannot be read */
export async function folderResults(
  dir: string,
  name: string,
  note: (line: string) => void,
): Promise<RunResult[]> {
  const root = join(dir, name)
  const { runs, damaged } = await listRuns(new FolderDataStore(root))
  for (const { folder, problem } of damaged) note(`${folder}: ${problem}`)
  return runs.map(({ folder, record }) =>
    resultOf(record, record.id, {
      folder: join(root, folder).replace(/\/$/, ''),
      host: hostname(),
      took: { all: Number.NaN, training: Number.NaN },
    }),
  )
}
