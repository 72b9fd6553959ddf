/** What a person can ask of the laboratory. Every refusal becomes the page's one alert. */

import { BasinError, type PlainError, toPlain } from '../../base/errors'
import { type Reply, refusal } from '../../base/reply'
import type { RunConfig } from '../../core/config/schema'
import type { PickedFile } from '../../worker/dataProtocol'
import {
  type ExportFormat,
  type ImageSet,
  type LabApi,
  type MeasureId,
  type MeasureSettings,
  type RunKey,
  requestOf,
  type UnfinishedMeasure,
} from '../../worker/protocol'
import { saveFile } from '../files/save'
import { wantField } from '../form/wantedField'
import { welcome } from '../landscape/landscapeRuns'
import { refreshDatasets } from './dataStore'
import { clearSession, currentStep, labelOf, stepOf, useLab } from './labStore'
import { livingWorker, readyWorker, workerStillThere } from './labWorker'
import { obstacles } from './obstacles'

/** Starts the worker and its device, before anybody asks for them. */
export async function startLab(): Promise<void> {
  try {
    const { ok } = await readyWorker()
    if (ok) void refreshDatasets()
  } catch (error) {
    useLab.setState({ state: 'failed', problem: toPlain(error) })
  }
}

export const trainLab = () => startWith((api, config) => api.start(config))
/** @param picture also has the step shown as the drawing shows it */
export const stepLab = (picture = false) => startWith((api, config) => api.step(config, { picture }))
export const pauseLab = () => {
  useLab.setState({ pausing: true })
  return ask((api) => api.pause())
}
export const resumeLab = () => ask((api) => api.resume())
export const stopLab = () => {
  const { device, loading } = useLab.getState()
  // Nothing has begun yet.
  if (!device && loading) return void useLab.setState({ state: 'idle', loading: undefined })
  return ask((api) => api.stop())
}

/** Goes on with kept runs. @param ids absent: those that stand interrupted @returns whether it was taken */
export async function continueRuns(ids?: readonly string[]): Promise<boolean> {
  return told(await answerOfKept((api) => api.continue(ids)))
}

/** Shows kept runs without training them. */
export async function openRuns(ids: readonly string[]): Promise<void> {
  told(await answerOfKept((api) => api.open(ids)))
}

/** Goes on from a checkpoint of a kept run under other settings. */
export async function forkRun(id: string, step: number, config: RunConfig): Promise<void> {
  told(await answerOfKept((api) => api.fork(id, step, config)))
}

/** What was said of the runs before them is over, and so are the offers. */
async function answerOfKept(command: (api: LabApi) => Promise<Reply>): Promise<Reply> {
  useLab.setState({ problem: undefined, notices: [], recovered: undefined })
  const reply = await answer(command)
  useLab.setState({ offers: [] })
  return reply
}

export const cancelMeasure = () => {
  useLab.setState(({ job }) => ({ job: job && { ...job, cancelling: true } }))
  return ask((api) => api.cancelMeasure())
}

/** Drops the session; the settings stay. @returns whether that was done: a refusal leaves everything as it is */
export async function resetLab(): Promise<boolean> {
  const gone = lostExperiment()
  const reply = await answer((api) => api.reset())
  if (!reply.ok) {
    showProblem(reply.error)
    return false
  }
  clearSession()
  useLab.setState({ recovered: undefined })
  if (gone) await answer((api) => api.letGo(gone))
  return true
}

/** Profiles the next step; a run that is going pauses for it and goes on. */
export async function profileStep(): Promise<void> {
  const wasTraining = useLab.getState().state === 'training'
  useLab.setState({ profileBusy: true, problem: undefined })
  if (wasTraining) await ask((api) => api.pause())
  const profile = await ask((api) => api.profile())
  useLab.setState(profile ? { profile, profileBusy: false } : { profileBusy: false })
  if (wasTraining && useLab.getState().state === 'paused') await ask((api) => api.resume())
}

let jobs = 0

/**
 * Measures what stands now; findings arrive as events while it runs.
 * @param runs absent: as the measure chooses
 * @param byItself nobody asked for it
 * @returns whether somebody has cancelled it
 */
export async function compute(id: MeasureId, runs?: readonly RunKey[], byItself = false): Promise<boolean> {
  const lab = useLab.getState()
  const info = lab.measures.find((one) => one.id === id)
  if (!info) return false
  const job = { number: ++jobs, id, cancelling: false }
  useLab.setState({ job, problem: undefined, measuredAt: currentStep(lab), unfinished: undefined })
  const request = requestOf(info, lab.measureSettings as MeasureSettings, runs)
  const done = await ask((api) => api.measure(request, { byItself }))
  useLab.setState(({ job: current }) => (current?.number === job.number ? { job: undefined } : {}))
  return done?.cancelled === true
}

/** Saves what was found last as .npz, with all that it was computed with. */
export async function saveMeasure(id: MeasureId): Promise<void> {
  const file = await ask((api) => api.packMeasure(id))
  if (file) saveFile(file.filename, new Blob([file.bytes as Uint8Array<ArrayBuffer>]))
}

/** Shows what files of measures hold; others among them, as a folder has them, are passed over. */
export async function openMeasures(files: readonly PickedFile[]): Promise<void> {
  useLab.setState({ problem: undefined })
  const some = files.filter(({ path }) => path.endsWith('.npz'))
  if (some.length === 0) {
    const got = files.map(({ path }) => path).slice(0, 3)
    return showError(
      new BasinError(
        'file-format',
        `measures: .npz files, got ${got.join(', ') || 'none'}`,
        'Choose what `npm run measure` or Save .npz wrote.',
      ),
    )
  }
  for (const { path, file } of some) {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const read = await ask((api) => api.readMeasure(path, bytes))
    if (read) welcome(read)
  }
}

/** What a closed tab has cut off goes on when its runs stand; Cancel ends it for good. */
function goOn({ id, settings, runs }: UnfinishedMeasure): void {
  useLab.setState(({ measureSettings }) => ({ measureSettings: { ...measureSettings, ...settings } }))
  void compute(id, runs)
}

/** The end of a run shows its basins by itself, where that is a matter of seconds. */
useLab.subscribe(({ state, device, config, job, unfinished }, before) => {
  const stands = state === 'paused' || state === 'finished' || state === 'stopped'
  if (unfinished && stands && before.state !== state && !job) return goOn(unfinished)
  if (state !== 'finished' || before.state !== 'training' || job) return
  const quick = device?.backend !== 'cpu' && (!device?.isFallback || config.model_name === 'mlp')
  if (quick) void computeBasins()
})

async function computeBasins(): Promise<void> {
  const { session } = useLab.getState()
  const isNoisy = session?.runs.some(({ data }) => data.numWrongLabels > 0)
  // One Cancel is enough.
  if (isNoisy && (await compute('memorised', undefined, true))) return
  if (useLab.getState().session !== session || useLab.getState().job) return
  if (await compute('line', undefined, true)) return
  const { device, state, job, ...lab } = useLab.getState()
  // A GPU that a program plays takes the better part of a minute for a plane.
  const emulated = device?.backend === 'webgpu' && device.isFallback
  if (lab.session === session && state === 'finished' && !job && !emulated)
    await compute('surface', undefined, true)
}

/** Undefined where there are none any more. */
export const trainImages = (run: RunKey, places: readonly number[]) =>
  ask((api) => api.trainImages(run, places))

/** Saves a run's weights: as they stand, or after a failure as they were kept. */
export async function exportWeights(run: RunKey, format: ExportFormat): Promise<void> {
  const lab = useLab.getState()
  const kept = lab.state === 'failed' ? lab.kept[run] : undefined
  if (!kept && lab.lost) return showError(nothingKept(labelOf(lab, run)))
  const step = kept?.snapshot.step ?? stepOf(lab, run)
  // Packing needs no device, and there may be none any more.
  const file = kept
    ? await shown(() => livingWorker().packKept(kept, format))
    : await ask((api) => api.exportWeights(run, format))
  if (!file) return
  saveFile(file.filename, new Blob([file.bytes as Uint8Array<ArrayBuffer>]))
  if (lab.session === useLab.getState().session) {
    useLab.setState(({ saved }) => ({ saved: { ...saved, [run]: step } }))
  }
}

const nothingKept = (run: string) =>
  new BasinError(
    'device',
    `weights: kept at every evaluation, got no copy of ${run} before the GPU or the worker was lost`,
    'Train again.',
  )

export async function importWeights(run: RunKey, file: File): Promise<void> {
  useLab.setState({ imported: undefined, problem: undefined })
  const bytes = new Uint8Array(await file.arrayBuffer())
  const { config } = useLab.getState()
  await ask((api) => api.importWeights(run, file.name, bytes, config))
}

/** Hands the worker what fine-tuning starts from, and sets the form to fine-tuning. */
export async function fineTuneFrom(file: File): Promise<void> {
  useLab.setState({ imported: undefined, problem: undefined })
  const bytes = new Uint8Array(await file.arrayBuffer())
  const answer = await ask((api) => api.loadPretrained(file.name, bytes))
  if (!answer) return
  useLab.setState(({ config }) => ({
    imported: `${answer.message} Train begins there.`,
    config: { ...config, from_pretrained_checkpoint: true },
  }))
}

/** @returns whether it was taken */
async function startWith(command: (api: LabApi, config: RunConfig) => Promise<Reply>): Promise<boolean> {
  const [wrong] = obstacles()
  if (wrong?.field) wantField(wrong.field)
  else if (wrong) {
    const remedy = 'Change the settings, then train.'
    useLab.setState({ problem: { code: 'config', message: wrong.message, remedy } })
  }
  if (wrong) return false
  useLab.setState({ problem: undefined, notices: [], recovered: undefined, offers: [] })
  if (useLab.getState().state === 'idle' && !useLab.getState().device) return startEarly(command)
  const gone = lostExperiment()
  if (gone) await answer((api) => api.letGo(gone))
  return told(await answer((api) => command(api, useLab.getState().config)))
}

/** Asked for before there is a device: that is waited for, and seen to be. */
async function startEarly(command: (api: LabApi, config: RunConfig) => Promise<Reply>): Promise<boolean> {
  const progress = { phase: 'device', label: 'Looking for a GPU', bytesDone: 0, bytesTotal: 0 }
  const waits = () => useLab.getState().state === 'loading' && useLab.getState().loading === progress
  useLab.setState({ state: 'loading', loading: progress, worked: 0, workingSince: performance.now() })
  const reply = await answer(async (api) => {
    // Meanwhile runs may have been found that were going when the page was closed; or somebody has said Stop.
    return waits() ? command(api, useLab.getState().config) : { ok: true, value: undefined }
  })
  if (!told(reply) && waits()) useLab.setState({ state: 'idle', loading: undefined })
  return reply.ok
}

/** Shows why a command was not taken. @returns whether it was */
function told(reply: Reply): boolean {
  if (!reply.ok) showProblem(reply.error)
  return reply.ok
}

/** Runs whose worker or GPU was lost, which nobody else can say are not wanted any more. */
const lostExperiment = (): string | undefined => {
  const { lost, keeping } = useLab.getState()
  return lost && keeping && Object.keys(keeping.runs).length > 0 ? keeping.experiment : undefined
}

/** The command's value, or undefined after showing why there is none. */
const ask = <T>(command: (api: LabApi) => Promise<Reply<T>>): Promise<T | undefined> =>
  shown(() => answer(command))

/** Commands given before the device is there wait for it. */
async function answer<T>(command: (api: LabApi) => Promise<Reply<T>>): Promise<Reply<T>> {
  try {
    const worker = await readyWorker()
    return worker.ok ? await command(worker.value) : worker
  } catch (error) {
    return refusal(error)
  }
}

async function shown<T>(work: () => Promise<Reply<T>>): Promise<T | undefined> {
  try {
    const reply = await work()
    if (reply.ok) return reply.value
    showProblem(reply.error)
  } catch (error) {
    showProblem(toPlain(error))
  }
  return undefined
}

/** Asks what a run of these settings needs; nothing is shown where they cannot be priced. */
export async function askPlan(config: RunConfig, images: ImageSet): Promise<void> {
  // Nobody waits for a plan: a new worker is not started for it, and its first command will be held against its device.
  const reply = await workerStillThere()?.plan(config, images)
  // The form may have gone on.
  if (useLab.getState().config === config) useLab.setState({ plan: reply?.ok ? reply.value : undefined })
}

/** An error of the page's own. */
export function showError(error: unknown): void {
  showProblem(toPlain(error))
}

function showProblem(problem: PlainError): void {
  useLab.setState({ pausing: false })
  if (problem.code !== 'cancelled') useLab.setState({ problem })
}
