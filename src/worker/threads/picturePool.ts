/** Picture threads of a page. */

import type { OpenedDecoder } from '../../core/ports'
import { browserDecoder } from '../../platform/browser/imageCodecs'
import { PictureThreads } from '../../platform/pictures/pictureThreads'
import type { Thread } from '../../platform/threadPool'

/** Beyond these the data worker, which resizes and stores, has all it can do. */
const MOST = 4

/** Where a worker can have no workers the pictures are decoded in it; Cancel then ends all of it. */
export function openPicturePool(): OpenedDecoder {
  if (typeof Worker === 'undefined') return { decode: browserDecoder, close() {} }
  const size = Math.max(1, Math.min(MOST, navigator.hardwareConcurrency ?? 2))
  return new PictureThreads(startThread, { size })
}

function startThread(): Thread {
  const worker = new Worker(new URL('./picture.worker.ts', import.meta.url), {
    type: 'module',
    name: 'basin-pictures',
  })
  return {
    endpoint: worker,
    terminate: () => worker.terminate(),
    onFailure: (failed) => {
      worker.onerror = failed
    },
  }
}
