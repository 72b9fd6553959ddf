/** The worker's script: a Lab with the browser's surroundings, on the wire. */
import * as Comlink from 'comlink'
import { Library } from '../../core/data/library'
import { loadDataset } from '../../core/data/loadDataset'
import { initBackend } from '../../engine/backend'
import { onDeviceLost } from '../../engine/device/loss'
import { startTuning } from '../../engine/tuning/tune'
import { FetchShardSource } from '../../platform/browser/fetchShardSource'
import { IdbShardStore } from '../../platform/browser/idbShardStore'
import { browserDecoder } from '../../platform/browser/imageCodecs'
import { holdLifeline } from '../../platform/browser/lifeline'
import { ShardCache } from '../../platform/browser/shardCache'
import type { LabEvent, WorkerApi } from '../protocol'
import { openBatchPool } from '../threads/batchPool'
import { Lab } from './lab'

const kept = new IdbShardStore()
const store = new ShardCache(kept)
const library = new Library(kept)
const lab = new Lab({
  async initBackend({ prefer, tune: mode = 'auto', f16 }) {
    const device = await initBackend(prefer, { f16 })
    await startTuning({ mode, store, runtime: navigator.userAgent })
    return device
  },
  onDeviceLost,
  loadDataset: (config, datasetsUrl, onProgress, signal) =>
    loadDataset(
      config,
      { source: new FetchShardSource(datasetsUrl), store, library, decode: browserDecoder },
      onProgress,
      signal,
    ),
  openPool: openBatchPool,
  storageNote: () => store.note,
})

/** Columns and copies of weights are made for one message: they move instead of being copied. */
function transferred(event: LabEvent): LabEvent {
  if (event.type === 'metrics') return Comlink.transfer(event, buffersIn(event.columns))
  if (event.type === 'kept') return Comlink.transfer(event, buffersIn(event.weights.snapshot))
  return event
}

/** Of the arrays of a plain record, at any depth. */
function buffersIn(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : []
}

const api: WorkerApi = {
  live: holdLifeline,
  init: (options, onEvent) =>
    lab.init(options, (event) => {
      // Over the wire the callback answers with a promise. Nobody waits for it, and a page that is gone is no error.
      Promise.resolve(onEvent(transferred(event))).catch(() => {})
    }),
  start: (config, options) => lab.start(config, options),
  pause: () => lab.pause(),
  resume: () => lab.resume(),
  stop: () => lab.stop(),
  step: (config) => lab.step(config),
  profile: () => lab.profile(),
  reset: () => lab.reset(),
  measure: (request) => lab.measure(request),
  cancelMeasure: () => lab.cancelMeasure(),
  plan: (config, images) => lab.plan(config, images),
  async exportWeights(run, format) {
    const reply = await lab.exportWeights(run, format)
    return Comlink.transfer(reply, buffersIn(reply))
  },
  async packKept(weights, format) {
    const reply = await lab.packKept(weights, format)
    return Comlink.transfer(reply, buffersIn(reply))
  },
  loadPretrained: (filename, bytes) => lab.loadPretrained(filename, bytes),
  importWeights: (run, filename, bytes, fallback) => lab.importWeights(run, filename, bytes, fallback),
}

Comlink.expose(api)
