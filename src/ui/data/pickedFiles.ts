/** Dropped or chosen files and folders as one list of files with their paths. */
import type { PickedFile } from '../../worker/dataProtocol'

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
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    files.push({ path, file })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A browser hands out a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return
    for (const child of some) await walk(child, `${path}/`, files)
  }
}

/** One order on every machine: subsets and hold-outs depend on it. */
function sorted(files: PickedFile[]): PickedFile[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
