/** Folders on disk: made, or tried, level by level; and what went wrong in words. */
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { BasinError } from '../../base/errors'

/**
 * Makes a folder and those above it. Node's recursive mkdir tries again for ever where a parent that is there answers
 * that there is no such folder (/proc), and calls a read-only disk that.
 * @returns the folders that were not there before, the outermost first
 * @throws the system's error; `diskReason` says it in words
 */
export function makeFolder(path: string): string[] {
  const made: string[] = []
  for (const folder of missingOf(path)) {
    try {
      mkdirSync(folder)
      made.push(folder)
    } catch (error) {
      // Another process may make the same one at this moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(folder)) throw error
    }
  }
  return made
}

/**
 * Whether a folder can be made and written into; leaves nothing behind.
 * @throws the system's error
 */
export function probeFolder(path: string): void {
  const made = makeFolder(path)
  try {
    accessSync(path, constants.W_OK)
  } finally {
    for (const folder of made.reverse()) {
      try {
        rmdirSync(folder)
      } catch {
        // Another process has put something into it.
        break
      }
    }
  }
}

const REASONS: Record<string, string> = {
  EROFS: 'the disk is read-only',
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk’s quota is used up',
  EEXIST: 'a file has this name',
  ENOTDIR: 'a file has the name of one of its folders',
  EISDIR: 'a folder has this name',
  ENOENT: 'no such folder can be made there',
}

/** What a failed write was, in words where they are known, and the system's own message. */
export function diskReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const words = REASONS[code ?? '']
  return words ? `${words} (${message})` : message
}

/** @throws BasinError `storage` that says what the disk refused */
export function onDisk<T>(path: string, remedy: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof BasinError) throw error
    throw new BasinError('storage', `${path}: ${diskReason(error)}`, remedy)
  }
}

/** Writes a file, into a folder that is made where there is none. @throws BasinError `storage` */
export function writeInto(path: string, content: string | Uint8Array, remedy: string): void {
  onDisk(path, remedy, () => {
    makeFolder(dirname(path))
    writeFileSync(path, content, { flush: true })
  })
}

/** The path and the folders above it that are not there, the outermost first. */
function missingOf(path: string): string[] {
  const missing: string[] = []
  let at = resolve(path)
  for (; !existsSync(at); at = dirname(at)) missing.unshift(at)
  // A file in the place of the innermost folder that is there: making the next one would say so, if there is a next.
  if (missing.length === 0 && !isFolder(at)) mkdirSync(at)
  return missing
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
