/** The data worker's script: a DataLab with the browser's surroundings, on the wire. */
import * as Comlink from 'comlink'
import { Library } from '../../core/data/library'
import { blobFile } from '../../platform/browser/blobFile'
import { FetchShardSource } from '../../platform/browser/fetchShardSource'
import { IdbShardStore } from '../../platform/browser/idbShardStore'
import { browserDecoder, browserEncoder } from '../../platform/browser/imageCodecs'
import { ShardCache } from '../../platform/browser/shardCache'
import { exclusively, storageRoom, whenFree } from '../../platform/browser/storageRoom'
import type { DataApi, ImportStatus } from '../dataProtocol'
import { openPicturePool } from '../threads/picturePool'
import { DataLab } from './dataLab'

const LOCK = 'basin-import'
const kept = new IdbShardStore()
const store = new ShardCache(kept)
const library = new Library(kept)
const lab = new DataLab({
  library,
  openDecoder: openPicturePool,
  encode: browserEncoder,
  room: storageRoom,
  exclusively: (onWait, signal, body) => exclusively(LOCK, onWait, signal, body),
  whenFree: (body) => whenFree(LOCK, body),
  ports: (datasetsUrl) => ({
    source: new FetchShardSource(datasetsUrl),
    store,
    library,
    decode: browserDecoder,
  }),
})

// What a killed tab left. Failing at it is no reason to have no data sets.
whenFree(LOCK, () => library.sweep()).catch(() => {})

/** Nobody waits for the page to have heard. */
const quietly = (onStatus: (status: ImportStatus) => void) => (status: ImportStatus) => {
  Promise.resolve(onStatus(status)).catch(() => {})
}

const api: DataApi = {
  init: (datasetsUrl) => lab.init(datasetsUrl),
  list: () => lab.list(),
  examine: (files, settings, onStatus) =>
    lab.examine(
      files.map(({ path, file }) => blobFile(path, file)),
      settings,
      quietly(onStatus),
    ),
  reconsider: (settings) => lab.reconsider(settings),
  importPicked: (settings, onStatus) => lab.importPicked(settings, quietly(onStatus)),
  cancel: () => lab.cancel(),
  remove: (name) => lab.remove(name),
  preview: (request) => lab.preview(request),
  augmented: (place, config) => lab.augmented(place, config),
}

Comlink.expose(api)
