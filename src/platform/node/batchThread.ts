/** The script of a thread that prepares batches in Node; scripts/bundleCli.mjs bundles it beside the command line. */
import { parentPort, workerData } from 'node:worker_threads'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { batchThread } from '../../core/data/batches/batchWork'
import { serveBatches } from '../threadPool'
import { nodeDecoder } from './imageCodecs'

if (parentPort) serveBatches(batchThread(nodeDecoder(workerData.root)), nodeEndpoint(parentPort))
