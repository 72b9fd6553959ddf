/** What a person can ask of the laboratory. Every refusal becomes the page's one alert. */

import { type PlainError, toPlain } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { createLab } from '../../worker/client'
import type {
  ExportFormat,
  ImageSet,
  InitOptions,
  LabApi,
  Reply,
  RunId,
  SliceRequest,
} from '../../worker/protocol'
import { saveFile } from '../files/save'
import { applyEvent } from './events'
import { clearSession, currentStep, useLab } from './labStore'
import { obstacles } from './obstacles'

let deliver: (api: LabApi) => void
/** Commands given before the device is there wait for it. */
const ready = new Promise<LabApi>((resolve) => {
  deliver = resolve
})

/** Starts the worker and its device. Call once. */
export async function startLab(): Promise<void> {
  const query = new URLSearchParams(location.search)
  const prefer = (['webgpu', 'webgl', 'cpu'] as const).find((name) => name === query.get('device'))
  const tune = (['on', 'off'] as const).find((mode) => mode === query.get('tune'))
  const f16 = query.get('f16') === 'on'
  const datasetsUrl = new URL('datasets/', document.baseURI).href
  const options: InitOptions = { prefer, tune, f16, datasetsUrl }
  try {
    const { api } = createLab()
    const reply = await api.init(options, applyEvent)
    if (reply.ok) useLab.setState({ device: reply.value })
    else useLab.setState({ state: 'failed', problem: reply.error })
    deliver(api)
  } catch (error) {
    useLab.setState({ state: 'failed', problem: toPlain(error) })
  }
}

export const trainLab = () => startWith((api, config) => api.start(config))
export const stepLab = () => startWith((api, config) => api.step(config))
export const pauseLab = () => {
  useLab.setState({ pausing: true })
  return ask((api) => api.pause())
}
export const resumeLab = () => ask((api) => api.resume())
export const stopLab = () => ask((api) => api.stop())
export const cancelSlice = () => {
  useLab.setState(({ job }) => ({ job: job && { ...job, cancelling: true } }))
  return ask((api) => api.cancelSlice())
}

/** Drops the session; the settings stay. */
export async function resetLab(): Promise<void> {
  await ask((api) => api.reset())
  clearSession()
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

/** Computes a slice of what stands now; results arrive as events while it runs. */
export async function computeSlice(kind: SliceRequest['kind']): Promise<void> {
  const lab = useLab.getState()
  const job = { id: ++jobs, kind, cancelling: false }
  useLab.setState({
    job,
    problem: undefined,
    sliceStep: currentStep(lab),
  })
  await ask((api) => api.slice({ kind, settings: lab.sliceSettings }))
  useLab.setState(({ job: current }) => (current?.id === job.id ? { job: undefined } : {}))
}

/** The end of a run shows its basins by itself, where that is a matter of seconds. */
useLab.subscribe(({ state, device, config, job }, before) => {
  if (state !== 'finished' || before.state !== 'training' || job) return
  const quick = device?.backend !== 'cpu' && (!device?.isFallback || config.model_name === 'mlp')
  if (quick) void computeSlice('line')
})

export async function exportWeights(run: RunId, format: ExportFormat): Promise<void> {
  const file = await ask((api) => api.exportWeights(run, format))
  if (!file) return
  saveFile(file.filename, new Blob([file.bytes as Uint8Array<ArrayBuffer>]))
}

export async function importWeights(run: RunId, file: File): Promise<void> {
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

async function startWith(
  command: (api: LabApi, config: ReturnType<typeof useLab.getState>['config']) => Promise<Reply>,
) {
  const wrong = obstacles()
  if (wrong.length > 0) {
    const remedy = 'Correct the marked settings, then train.'
    useLab.setState({ problem: { code: 'config', message: wrong.join(' '), remedy } })
    return
  }
  useLab.setState({ problem: undefined, notices: [] })
  await ask((api) => command(api, useLab.getState().config))
}

/** The command's value, or undefined after showing why there is none. */
async function ask<T>(command: (api: LabApi) => Promise<Reply<T>>): Promise<T | undefined> {
  try {
    const reply = await command(await ready)
    if (reply.ok) return reply.value
    showProblem(reply.error)
  } catch (error) {
    showProblem(toPlain(error))
  }
  return undefined
}

/** Asks what a run of these settings needs; nothing is shown where they cannot be priced. */
export async function askPlan(config: RunConfig, images: ImageSet): Promise<void> {
  const reply = await (await ready).plan(config, images)
  // The form may have gone on.
  if (useLab.getState().config === config) useLab.setState({ plan: reply.ok ? reply.value : undefined })
}

/** An error of the page's own. */
export function showError(error: unknown): void {
  showProblem(toPlain(error))
}

function showProblem(problem: PlainError): void {
  useLab.setState({ pausing: false })
  if (problem.code !== 'cancelled') useLab.setState({ problem })
}
