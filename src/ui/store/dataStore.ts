/** What the page knows of data sets: those that are here, the import under way, storage. Commands of a person beside it. */
import { create } from 'zustand'
import type { PlainError } from '../../base/errors'
import { type Reply, refusal } from '../../base/reply'
import { createDataLab } from '../../worker/dataClient'
import type {
  DamagedDataset,
  DataApi,
  DatasetEntry,
  ImportPreview,
  ImportSettings,
  ImportStatus,
  PickedFile,
} from '../../worker/dataProtocol'
import { useLab } from './labStore'
import { workerStillThere } from './labWorker'

export interface StorageFacts {
  usage: number
  quota: number
  persisted: boolean | undefined
}

export interface DataState {
  /** undefined until the worker has answered. */
  datasets?: DatasetEntry[]
  /** Sets whose records cannot be read. */
  damaged?: DamagedDataset[]
  /** An examination or import under way. */
  busy?: 'examining' | 'importing'
  status?: ImportStatus
  /** What was examined, waiting for the person to say import. */
  preview?: ImportPreview
  problem?: PlainError
  /** What the last import or deletion did. */
  done?: string
  /** The data set whose images are shown. */
  shown?: string
  storage?: StorageFacts
}

export const useData = create<DataState>(() => ({}))

const DEFAULTS: ImportSettings = { name: '', labels: 'fine' }

let lab: Promise<DataApi> | undefined

/** The data worker, started when it is first needed. */
function dataLab(): Promise<DataApi> {
  lab ??= (async () => {
    const api = createDataLab()
    await api.init(new URL('datasets/', document.baseURI).href)
    return api
  })()
  return lab
}

/** The command's value, or undefined after showing why there is none. */
export async function askData<T>(command: (api: DataApi) => Promise<Reply<T>>): Promise<T | undefined> {
  const reply = await dataLab().then(command).catch(refusal)
  if (reply.ok) return reply.value
  if (reply.error.code !== 'cancelled') useData.setState({ problem: reply.error })
  return undefined
}

/** Asks a worker that runs already: most visits need no other, and would begin later with it. */
export async function refreshDatasets(): Promise<void> {
  const told = lab ? undefined : await workerStillThere()?.datasets()
  const list = told?.ok ? told.value : await askData((api) => api.list())
  if (list) useData.setState(list)
  useData.setState({ storage: await storageFacts() })
}

/** What the page may keep in the browser; undefined where it does not say. */
export async function storageFacts(): Promise<StorageFacts | undefined> {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined)
  const persisted = await navigator.storage?.persisted?.().catch(() => undefined)
  if (estimate?.quota === undefined) return undefined
  return { usage: estimate.usage ?? 0, quota: estimate.quota, persisted }
}

const onStatus = (status: ImportStatus) => useData.setState({ status })

/** Looks at what was dropped or picked. */
export async function examine(files: readonly PickedFile[]): Promise<void> {
  if (files.length === 0 || useData.getState().busy === 'importing') return
  useData.setState({
    busy: 'examining',
    status: undefined,
    preview: undefined,
    problem: undefined,
    done: undefined,
  })
  const preview = await askData((api) => api.examine([...files], DEFAULTS, onStatus))
  useData.setState({ busy: undefined, status: undefined, preview })
}

/** Other settings for the files that were examined; a refusal leaves the last good ones. */
export async function reconsider(changes: Partial<ImportSettings>): Promise<void> {
  const { preview } = useData.getState()
  if (!preview) return
  useData.setState({ problem: undefined })
  const next = await askData((api) => api.reconsider({ ...preview.settings, ...changes }))
  if (next) useData.setState({ preview: next })
}

export async function importExamined(): Promise<void> {
  const { preview, datasets } = useData.getState()
  if (!preview) return
  // Asked on the first import: the browser may otherwise clear the data when the disk runs short.
  const first = !datasets?.some(({ bundled }) => !bundled)
  if (first) await navigator.storage?.persist?.().catch(() => false)
  useData.setState({ busy: 'importing', status: undefined, problem: undefined })
  const name = await askData((api) => api.importPicked(preview.settings, onStatus))
  useData.setState({ busy: undefined, status: undefined, ...(name ? { preview: undefined } : {}) })
  await refreshDatasets()
  if (name)
    useData.setState({ done: `${name} is imported. Choose it as data set on the Train page.`, shown: name })
}

/** Ends what is under way, or forgets what was examined. */
export async function cancelImport(): Promise<void> {
  if (useData.getState().busy) {
    const isStillPicked = await askData((api) => api.cancel())
    if (isStillPicked === false) useData.setState({ preview: undefined })
  } else useData.setState({ preview: undefined, problem: undefined })
}

export async function removeDataset(name: string): Promise<void> {
  useData.setState({ problem: undefined, done: undefined })
  await askData((api) => api.remove(name))
  await refreshDatasets()
  if (!useData.getState().problem) useData.setState({ done: `${name} is deleted.` })
}

/** The config of the form, for previews. */
export const formConfig = () => useLab.getState().config

// Another tab may have imported or deleted meanwhile.
if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && useData.getState().datasets) void refreshDatasets()
  })
}
