/** A thread that prepares batches for the training worker. */
import { batchThread } from '../../core/data/batches/batchWork'
import { browserDecoder } from '../../platform/browser/imageCodecs'
import { holdLifeline, type Lifeline } from '../../platform/browser/lifeline'
import { serveBatches } from '../../platform/threadPool'

serveBatches(batchThread(browserDecoder), undefined, { live: holdLifeline } satisfies Lifeline)
