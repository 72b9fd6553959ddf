/** The file that a drop means: itself, or the newest checkpoint of a dropped folder. */
import { BasinError } from '../../base/errors'
import { newestPath } from '../../core/weights/newestCheckpoint'

/** Folders below the dropped one that are looked into: `<run>/checkpoints/checkpoint_<n>`. */
const MAX_DEPTH = 2

/**
 * Call within the drop event: what was dropped is gone after it.
 * @returns undefined when no file was dropped
 * @throws BasinError `file-format` when a folder holds no checkpoint, `config` when it holds those of several runs
 */
export async function droppedFile(transfer: DataTransfer): Promise<File | undefined> {
  const [entry] = [...transfer.items].map((item) => item.webkitGetAsEntry?.())
  const [file] = transfer.files
  if (!entry?.isDirectory) return file
  const files = new Map<string, FileSystemFileEntry>()
  await collect(entry, '', MAX_DEPTH, files)
  const newest = newestPath(files.keys(), entry.name)
  if (newest === undefined) {
    throw new BasinError(
      'file-format',
      `${entry.name}: a checkpoint_<number> in the folder, got none`,
      'Drop a folder of checkpoints, or one weight file.',
    )
  }
  return fileOf(files.get(newest)!)
}

async function collect(
  folder: FileSystemEntry,
  path: string,
  depth: number,
  into: Map<string, FileSystemFileEntry>,
): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const here = `${path}${entry.name}`
    if (entry.isFile) into.set(here, entry as FileSystemFileEntry)
    else if (depth > 0) await collect(entry, `${here}/`, depth - 1, into)
  }
}

export const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((done, fail) => entry.file(done, fail))

/** A reader hands out a folder in pieces, the last of which is empty. */
export async function entriesOf(folder: FileSystemEntry): Promise<FileSystemEntry[]> {
  const reader = (folder as FileSystemDirectoryEntry).createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail))
    if (some.length === 0) return all
    all.push(...some)
  }
}
