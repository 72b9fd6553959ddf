/** Dropped or chosen files and folders as one list of files with their paths. */
import type { PickedFile } from '../../worker/dataProtocol'
import { entriesOf, fileOf } from '../files/dropped'

/** Must be called within the drop event; folders are walked afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? [])
  if (entries.length === 0) return chosenFiles(transfer.files)
  const files: PickedFile[] = []
  for (const entry of entries) await walk(entry, '', files)
  return sorted(files)
}

/** Of an `<input type=file>`, with or without `webkitdirectory`. */
export function chosenFiles(list: FileList | null): PickedFile[] {
  return sorted([...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })))
}

async function walk(entry: FileSystemEntry, below: string, files: PickedFile[]): Promise<void> {
  const path = below + entry.name
  if (entry.isFile) files.push({ path, file: await fileOf(entry as FileSystemFileEntry) })
  else for (const child of await entriesOf(entry)) await walk(child, `${path}/`, files)
}

/** One order on every machine: subsets and hold-outs depend on it. */
function sorted(files: PickedFile[]): PickedFile[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
