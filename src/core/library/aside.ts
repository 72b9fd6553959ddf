/**
 * Deleting that can be undone. A run put aside has its record under another name, so nobody lists it; its other files
 * stay until it is disposed of. A process that ends in between leaves one of two states: with a record under its own
 * name the run is there (deleting had not come so far, or undoing had), with the other alone it is deleted, and
 * whoever opens the files next disposes of it, unless another still offers the undo.
 */
import type { RunFiles } from '../ports'
import { FILES } from './record'

/** The record of a run that was put aside. */
export const ASIDE = 'deleted.json'

/** @param folder of the run, with a slash at its end */
export async function putAside(files: RunFiles, folder: string): Promise<void> {
  const keys = await files.keys(folder)
  const record = await files.get(folder + FILES.record)
  if (!record && (keys.length === 0 || keys.includes(folder + ASIDE))) return
  // Of what is left of a damaged run an empty one.
  await files.put(folder + ASIDE, record ?? new Uint8Array())
  await files.remove([folder + FILES.record])
}

/** @returns whether the run is there again */
export async function bringBack(files: RunFiles, folder: string): Promise<boolean> {
  const record = await files.get(folder + ASIDE)
  if (!record) return false
  if (record.length > 0) await files.put(folder + FILES.record, record)
  await files.remove([folder + ASIDE])
  return true
}

/** Removes what was put aside; a run that is there stays. */
export async function dispose(files: RunFiles, folder: string): Promise<void> {
  const keys = await files.keys(folder)
  if (!keys.includes(folder + ASIDE)) return
  const alive = keys.includes(folder + FILES.record)
  await files.remove(alive ? [folder + ASIDE] : keys)
}

/** Folders with something put aside. */
export async function foldersAside(files: RunFiles): Promise<string[]> {
  const keys = await files.keys('')
  return keys.filter((key) => key.endsWith(`/${ASIDE}`)).map((key) => key.slice(0, -ASIDE.length))
}
