/** What the page knows of kept runs: the list, the curves of those that are looked at, what was deleted. */
import { create } from 'zustand'
import { BasinError, type PlainError, toPlain } from '../../base/errors'
import { type Reply, refusal } from '../../base/reply'
import { SERVED_RUNS } from '../../core/runs/served'
import { createLibrary } from '../../worker/libraryClient'
import type {
  DamagedRun,
  Deletion,
  Edits,
  ImportProgress,
  LibraryApi,
  ListedRun,
  PickedFile,
  RunCurves,
} from '../../worker/libraryProtocol'
import { saveFile } from '../files/save'
import { DEFAULT_VIEW, type ListView, viewFromHash, viewToHash } from '../library/address'

export interface LibraryStore {
  /** undefined until the worker has answered. */
  runs?: readonly ListedRun[]
  /** Their records cannot be read: they can only be deleted. */
  damaged: readonly DamagedRun[]
  /** Why the runs of a served folder are not among them. */
  unanswered?: string
  /** By id. */
  curves: Readonly<Record<string, RunCurves>>
  view: ListView
  importing?: ImportProgress
  /** What the last import came to, a sentence each. */
  refused: readonly string[]
  done?: string
  /** What can be undone, the last first. */
  deletions: readonly Deletion[]
  problem?: PlainError
}

export const useLibrary = create<LibraryStore>(() => ({
  damaged: [],
  curves: {},
  view: DEFAULT_VIEW,
  refused: [],
  deletions: [],
}))

let api: LibraryApi | undefined

/** What `npm start -- --runs DIR` has written into the page. */
function servedRuns(): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="${SERVED_RUNS.meta}"]`)
  return meta ? new URL(meta.content, document.baseURI).href : undefined
}

/** The command's value, or undefined after showing why there is none. */
async function ask<T>(command: (library: LibraryApi) => Promise<Reply<T>>): Promise<T | undefined> {
  api ??= createLibrary(servedRuns())
  const reply = await command(api).catch(refusal)
  if (reply.ok) return reply.value
  useLibrary.setState({ problem: reply.error })
  return undefined
}

export async function refreshRuns(): Promise<void> {
  const listing = await ask((library) => library.list())
  if (listing) useLibrary.setState({ unanswered: undefined, ...listing })
}

export const changeView = (changes: Partial<ListView>): void =>
  useLibrary.setState(({ view }) => ({ view: { ...view, ...changes } }))

/** Adds runs to what is picked, or takes them out. */
export function pick(ids: readonly string[], picked: boolean): void {
  const { view } = useLibrary.getState()
  const others = view.picked.filter((id) => !ids.includes(id))
  changeView({ picked: picked ? [...others, ...ids] : others })
}

/** Reads the curves of these runs that are not here, or have grown. */
export async function loadCurves(runs: readonly ListedRun[]): Promise<void> {
  const { curves } = useLibrary.getState()
  const wanted = runs
    .filter(({ record }) => curves[record.id]?.updated !== record.updated)
    .map(({ record }) => record.id)
  if (wanted.length === 0) return
  const found = await ask((library) => library.curves(wanted))
  if (found) {
    const byId = Object.fromEntries(found.map((one) => [one.id, one]))
    useLibrary.setState((library) => ({ curves: { ...library.curves, ...byId } }))
  }
}

/** Steps of a run's checkpoints. */
export const checkpointsOf = async (id: string): Promise<number[]> =>
  (await ask((library) => library.checkpoints(id))) ?? []

export async function editRuns(ids: readonly string[], changes: Edits): Promise<void> {
  // Shown at once; the list that is read afterwards has the last word.
  useLibrary.setState(({ runs }) => ({
    runs: runs?.map((run) =>
      ids.includes(run.record.id) ? { ...run, record: { ...run.record, ...changes } } : run,
    ),
  }))
  await ask((library) => library.edit([...ids], changes))
  await refreshRuns()
}

export async function exportRuns(ids: readonly string[]): Promise<void> {
  const file = await ask((library) => library.pack([...ids]))
  if (file) saveFile(file.filename, file.blob)
}

export async function importRuns(files: readonly PickedFile[]): Promise<void> {
  if (files.length === 0 || useLibrary.getState().importing) return
  const onProgress = (importing: ImportProgress) => useLibrary.setState({ importing })
  useLibrary.setState({ importing: { done: 0, total: 1 }, refused: [], done: undefined, problem: undefined })
  const report = await ask((library) => library.take([...files], onProgress))
  useLibrary.setState({ importing: undefined })
  await refreshRuns()
  if (!report) return
  const { imported, refused } = report
  const here = imported.length === 1 ? '1 run is here now.' : `${imported.length} runs are here now.`
  useLibrary.setState(({ deletions }) => ({
    refused,
    done: imported.length > 0 ? here : undefined,
    // What came again cannot be had back twice.
    deletions: withoutRuns(deletions, imported),
  }))
}

/** @returns whether they are deleted; until the notice is dismissed or the tab closed they can be had back */
export async function deleteRuns(ids: readonly string[]): Promise<void> {
  useLibrary.setState({ problem: undefined, done: undefined })
  const deletion = await ask((library) => library.remove([...ids]))
  if (deletion) {
    pick(ids, false)
    useLibrary.setState(({ deletions }) => ({ deletions: [deletion, ...deletions] }))
  }
  await refreshRuns()
}

export async function undoDeletion(): Promise<void> {
  const [last, ...others] = useLibrary.getState().deletions
  if (!last) return
  useLibrary.setState({ deletions: others })
  const back = await ask((library) => library.restore(last.ids))
  if (back?.length === 0) showProblem(new BasinError('storage', 'undo: runs that are still kept, got none'))
  await refreshRuns()
}

/** The undo is given up: the room is free again. */
export async function forgetDeletions(): Promise<void> {
  const ids = useLibrary.getState().deletions.flatMap((deletion) => deletion.ids)
  useLibrary.setState({ deletions: [] })
  await ask((library) => library.forget(ids))
}

const withoutRuns = (deletions: readonly Deletion[], ids: readonly string[]): Deletion[] =>
  deletions
    .map((deletion) => ({ ...deletion, ids: deletion.ids.filter((id) => !ids.includes(id)) }))
    .filter((deletion) => deletion.ids.length > 0)

const showProblem = (error: unknown) => useLibrary.setState({ problem: toPlain(error) })

const onRunsPage = () => location.hash.split('?', 1)[0] === '#runs'

/** Takes the view from the address, and keeps the address in step with it while the page is shown. */
export function bindRunsAddress(): () => void {
  const read = () => {
    const view = viewFromHash(location.hash)
    if (view) useLibrary.setState({ view })
    else write()
  }
  read()
  addEventListener('hashchange', read)
  const unsubscribe = useLibrary.subscribe(({ view }, before) => {
    if (view !== before.view) write()
  })
  return () => {
    removeEventListener('hashchange', read)
    unsubscribe()
  }
}

function write(): void {
  const hash = viewToHash(useLibrary.getState().view)
  if (!onRunsPage() || location.hash === hash) return
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`)
}
