/** The laboratory with the browser’s surroundings, on the wire. */
import * as Comlink from 'comlink'
import { Library } from '../../core/data/library'
import { loadDataset } from '../../core/data/loadDataset'
import { initBackend } from '../../engine/backend'
import { onDeviceLost } from '../../engine/device/loss'
import { startTuning } from '../../engine/tuning/tune'
import type { ThreadData } from '../../engine/wasm/serve'
import { FetchShardSource } from '../../platform/browser/fetchShardSource'
import { IdbRunFiles } from '../../platform/browser/idbRunFiles'
import { IdbShardStore } from '../../platform/browser/idbShardStore'
import { browserDecoder } from '../../platform/browser/imageCodecs'
import { holdLifeline } from '../../platform/browser/lifeline'
import { claimRuns, holdTrained } from '../../platform/browser/runLocks'
import { ShardCache } from '../../platform/browser/shardCache'
import { storageUse, whenFree } from '../../platform/browser/storageRoom'
import { IMPORT_LOCK, listDatasets } from '../data/datasetList'
import type { InitOptions, LabEvent, StartThread, WorkerApi } from '../protocol'
import { openBatchPool } from '../threads/batchPool'
import { pageMachine } from '../threads/kernelThreads'
import { ask, buffersIn, commands, quietly } from '../wire'
import { Lab } from './lab'

/** The page's: a thread that it has started ends with this worker. */
let startThread: StartThread | undefined
const openThread = (data: ThreadData) => {
  startThread?.(data)
  return { terminate() {} }
}

const kept = new IdbShardStore()
const store = new ShardCache(kept)
const library = new Library(kept)
const ports = (datasetsUrl: string) => ({
  source: new FetchShardSource(datasetsUrl),
  store,
  library,
  decode: browserDecoder,
})

// What a killed tab left of an import. Failing at it is no reason to train nothing.
whenFree(IMPORT_LOCK, () => library.sweep()).catch(() => {})

const lab = new Lab({
  async initBackend({ prefer, tune: mode = 'auto', f16 }) {
    const device = await initBackend(prefer, { f16, wasm: pageMachine(openThread) })
    await startTuning({ mode, store, runtime: navigator.userAgent })
    return device
  },
  onDeviceLost,
  loadDataset: (config, datasetsUrl, onProgress, signal) =>
    loadDataset(config, ports(datasetsUrl), onProgress, signal),
  listDatasets: (datasetsUrl) => listDatasets(library, ports(datasetsUrl)),
  openPool: openBatchPool,
  keeping: { files: new IdbRunFiles(), claim: claimRuns, holdTrained, room: storageUse },
  storageNote: () => store.note,
})

/** Columns and copies of weights are made for one message: they move instead of being copied. */
function transferred(event: LabEvent): LabEvent {
  if (event.type === 'metrics') return Comlink.transfer(event, buffersIn(event.columns))
  if (event.type === 'kept') return Comlink.transfer(event, buffersIn(event.weights.snapshot))
  return event
}

const own = {
  live: holdLifeline,
  init(options: InitOptions, onEvent: (event: LabEvent) => void, start: StartThread) {
    startThread = quietly(start)
    return lab.init(
      options,
      quietly((event: LabEvent) => onEvent(transferred(event))),
    )
  },
}

Comlink.expose(
  commands<WorkerApi, typeof own>(own, async (name, args) => {
    const reply = await ask(lab, name, args)
    return Comlink.transfer(reply, buffersIn(reply))
  }),
)
