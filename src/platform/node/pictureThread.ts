/** The script of a thread that decodes pictures in Node; scripts/bundleCli.mjs bundles it beside the command line. */
import { parentPort, workerData } from 'node:worker_threads'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { servePictures } from '../pictures/pictureThreads'
import { nodeDecoder } from './imageCodecs'

if (parentPort) servePictures(nodeDecoder(workerData.root), nodeEndpoint(parentPort))
