/** Picture threads of a Node process. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { OpenedDecoder } from '../../core/ports'
import { PictureThreads, type PictureThreadsOptions } from '../pictures/pictureThreads'
import { nodeDecoder } from './imageCodecs'
import { startWorkerThread } from './workerThread'

const MOST = 4

/** @returns a decoder of this thread where the bundle is not there, as when sources are run directly */
export function openNodePictures(
  root: string,
  options: Partial<PictureThreadsOptions> = {},
  script = new URL('./pictureThread.mjs', import.meta.url),
): OpenedDecoder {
  if (!existsSync(fileURLToPath(script))) return { decode: nodeDecoder(root), close() {} }
  const size = Math.min(MOST, availableParallelism())
  return new PictureThreads(() => startWorkerThread(script, root), { size, ...options })
}
