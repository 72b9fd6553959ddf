/** The data worker's script: a DataLab with the browser's surroundings, on the wire. */
import * as Comlink from 'comlink'
import { Library } from '../../core/data/library'
import { blobFile } from '../../platform/browser/blobFile'
import { FetchShardSource } from '../../platform/browser/fetchShardSource'
import { IdbShardStore } from '../../platform/browser/idbShardStore'
import { browserDecoder, browserEncoder } from '../../platform/browser/imageCodecs'
import { ShardCache } from '../../platform/browser/shardCache'
import { exclusively, storageRoom, whenFree } from '../../platform/browser/storageRoom'
import type { DataApi, ImportSettings, ImportStatus, PickedFile } from '../dataProtocol'
import { openPicturePool } from '../threads/picturePool'
import { ask, commands, quietly } from '../wire'
import { DataLab } from './dataLab'
import { IMPORT_LOCK } from './datasetList'

const kept = new IdbShardStore()
const store = new ShardCache(kept)
const library = new Library(kept)
const lab = new DataLab({
  library,
  openDecoder: openPicturePool,
  encode: browserEncoder,
  room: storageRoom,
  exclusively: (onWait, signal, body) => exclusively(IMPORT_LOCK, onWait, signal, body),
  whenFree: (body) => whenFree(IMPORT_LOCK, body),
  ports: (datasetsUrl) => ({
    source: new FetchShardSource(datasetsUrl),
    store,
    library,
    decode: browserDecoder,
  }),
})

// What a killed tab left. Failing at it is no reason to have no data sets.
whenFree(IMPORT_LOCK, () => library.sweep()).catch(() => {})

const own = {
  examine: (files: PickedFile[], settings: ImportSettings, onStatus: (status: ImportStatus) => void) =>
    lab.examine(
      files.map(({ path, file }) => blobFile(path, file)),
      settings,
      quietly(onStatus),
    ),
  importPicked: (settings: ImportSettings, onStatus: (status: ImportStatus) => void) =>
    lab.importPicked(settings, quietly(onStatus)),
}

Comlink.expose(commands<DataApi, typeof own>(own, (name, args) => ask(lab, name, args)))
