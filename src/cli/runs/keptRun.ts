/** A run that was trained before, from its folder or its .zip: to go on with it, or to train it again. */
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BasinError } from '../../base/errors'
import { keepRun, openRun } from '../../core/library/archive'
import { newestCheckpoint } from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import { runSpecs } from '../../core/runs/runSpec'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import type { PlacedRun } from './trainRuns'

/**
 * @param path absolute: a run's folder or file
 * @param into where a file is unpacked, in a folder named after its id
 * @throws BasinError `file-format` where it is no run, or a damaged one
 */
export async function keptRun(path: string, into: string, note: (line: string) => void): Promise<PlacedRun> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  const folder = isFolder ? path : await unpacked(path, into)
  const files = new FolderDataStore(folder)
  const document = await RunDocument.open(files, '')
  if (!document) {
    throw new BasinError(
      'file-format',
      `${path}: a run’s folder, with run.json, got none`,
      'Folders of earlier versions go on by the flags that they were made with.',
    )
  }
  const { label, config } = document.record
  // Its key is that of a run alone: it names nothing but what this process says of it.
  const [spec] = runSpecs(config)
  return {
    spec: { ...spec, label },
    folder,
    files,
    checkpoint: await newestCheckpoint(files, '', config, note),
  }
}

async function unpacked(path: string, into: string): Promise<string> {
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new BasinError('file-format', `${path}: ${(error as Error).message}`, 'Check the path.')
  }
  return join(into, await keepRun(new FolderDataStore(into), openRun(bytes, basename(path))))
}
