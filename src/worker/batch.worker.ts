/** A thread that prepares batches for the training worker. */
import { batchThread, type ToBatchThread } from '../core/data/batchWork'

const answer = batchThread()

self.onmessage = ({ data }: MessageEvent<ToBatchThread>) => {
  const reply = answer(data)
  if (reply) self.postMessage(reply, { transfer: [reply.images.buffer] })
}
