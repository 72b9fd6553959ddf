/** One process at a time in a folder: a file with the process's number, made in one step. */
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import { diskReason, makeFolder } from './folders'

const NAME = 'import.lock'

/**
 * @throws BasinError `storage` while another process holds the folder (a dead one's lock is taken over), and where the
 * folder cannot be made or written into
 */
export async function withFolderLock<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const path = join(folder, NAME)
  try {
    makeFolder(folder)
    await take(path)
  } catch (error) {
    if (error instanceof BasinError) throw error
    throw new BasinError(
      'storage',
      `${folder}: ${diskReason(error)}`,
      'Choose another folder with BASIN_DATA.',
    )
  }
  try {
    return await body()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string, again = true): Promise<void> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (again && !isAlive(owner)) {
      await rm(path, { force: true })
      return take(path, false)
    }
    throw new BasinError(
      'storage',
      `${path}: one import at a time, process ${owner} is at work`,
      'Wait for it to end, or stop it.',
    )
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
