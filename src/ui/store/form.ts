/** Changing settings: validation, the warning before a session is dropped, and the address that carries the form. */
import {
  FIELD_NAMES,
  type FieldName,
  fieldMeta,
  type RunConfig,
  runConfigSchema,
  runConfigShape,
} from '../../core/config/schema'
import { configToQuery } from '../../core/config/url'
import { valueText } from '../form/deviations'
import { formRuns } from '../runs/shownRuns'
import { OWN_PARAMETERS, readAddress } from './address'
import { resetLab, trainLab } from './commands'
import { currentStep, hasSession, unsavedRuns, useLab } from './labStore'

/** Takes a value from a field; out of range it only leaves a message there. */
export function changeField(name: FieldName, value: unknown): void {
  const lab = useLab.getState()
  const parsed = runConfigShape[name].safeParse(value)
  if (!parsed.success) {
    const message = parsed.error.issues[0].message
    useLab.setState({ invalid: { ...lab.invalid, [name]: message } })
    return
  }
  const { [name]: _, ...invalid } = lab.invalid
  useLab.setState({ invalid })
  if (Object.is(parsed.data, lab.config[name])) return
  const values = { [name]: parsed.data } as Partial<RunConfig>
  requestChange(changesText([name], lab.config, values), values)
}

/** So many changes are told one by one. */
const MOST_TOLD = 3

/** `“Epochs” from 2 to 5`: what changes, old and new. */
function changesText(names: readonly FieldName[], from: RunConfig, to: Partial<RunConfig>): string {
  const told = names.slice(0, MOST_TOLD).map((name) => {
    const values = [from[name], to[name] as RunConfig[FieldName]].map((value) => valueText(name, value))
    const text = values.join(' to ')
    // A list of runs is shown in the form, and too long for a sentence.
    return `“${fieldMeta(name).label}”${text.length > 60 ? '' : ` from ${text}`}`
  })
  const more = names.length - told.length
  return told.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Applies several values at once (a preset), after asking if a session would be lost. */
export function requestChange(what: string, values: Partial<RunConfig>): void {
  const lab = useLab.getState()
  const harmless =
    Object.keys(values).every((name) => fieldMeta(name as FieldName).harmless) ||
    sameRuns(lab.config, { ...lab.config, ...values })
  if (hasSession(lab) && !harmless) useLab.setState({ pending: { kind: 'change', what, values } })
  else useLab.setState({ config: runConfigSchema.parse({ ...lab.config, ...values }) })
}

/** A list that is written in another way may ask for the very same runs. */
const sameRuns = (a: RunConfig, b: RunConfig): boolean =>
  JSON.stringify(formRuns(a)) === JSON.stringify(formRuns(b))

/** The person said yes: the session goes. */
export async function confirmPending(): Promise<void> {
  const { pending } = useLab.getState()
  useLab.setState({ pending: undefined })
  if (pending?.kind === 'again') await trainLab()
  else if (pending?.kind === 'reset') await resetLab()
  else if (pending?.kind === 'seed') await takeNextSeed()
  else if (pending?.kind === 'change' && (await resetLab())) {
    useLab.setState((lab) => ({ config: runConfigSchema.parse({ ...lab.config, ...pending.values }) }))
  }
}

/** Train: where an ended run would be lost, after asking. */
export function requestTraining(): void {
  if (useLab.getState().session) useLab.setState({ pending: { kind: 'again' } })
  else void trainLab()
}

/** Drops the session: where something was trained, after asking. */
export function requestReset(): void {
  if (currentStep(useLab.getState()) > 0) useLab.setState({ pending: { kind: 'reset' } })
  else void resetLab()
}

/** Drops the session and takes the next seed: where something was trained, after asking. */
export function requestNewSeed(): void {
  if (currentStep(useLab.getState()) > 0) useLab.setState({ pending: { kind: 'seed' } })
  else void takeNextSeed()
}

/** The person said Keep. */
export function keepSession(): void {
  useLab.setState({ pending: undefined })
}

async function takeNextSeed(): Promise<void> {
  if (!(await resetLab())) return
  useLab.setState(({ config }) => ({
    config: { ...config, run_seed: (config.run_seed + 1) % 4294967296 },
  }))
}

/** The browser asks before a tab with unsaved weights is closed or loaded again. */
export function guardUnsaved(): void {
  addEventListener('beforeunload', (event) => {
    if (unsavedRuns(useLab.getState()).length > 0) event.preventDefault()
  })
}

/** Reads the form from the address, then keeps the address in step with the form: each change is a place to go back to. */
export function bindAddress(): void {
  const { config, messages } = readAddress()
  useLab.setState({ config, notices: messages })
  // What was not taken is no place to go back to.
  writeAddress('replaceState')
  useLab.subscribe((lab, before) => {
    if (lab.config !== before.config) writeAddress('pushState')
  })
  addEventListener('popstate', () => {
    const { config: then } = readAddress()
    const now = useLab.getState().config
    const changed = FIELD_NAMES.filter((name) => JSON.stringify(then[name]) !== JSON.stringify(now[name]))
    if (changed.length === 0) return
    requestChange(
      changesText(changed, now, then),
      Object.fromEntries(changed.map((name) => [name, then[name]])),
    )
    // Until the person has said yes the form stays as it is, and so does its address.
    writeAddress('replaceState')
  })
}

/** The whole address of what the form shows, which opens to the same form. */
export function addressOfForm(): string {
  const own = new URLSearchParams(location.search)
  const query = new URLSearchParams(configToQuery(useLab.getState().config))
  for (const name of OWN_PARAMETERS) {
    const value = own.get(name)
    if (value !== null) query.set(name, value)
  }
  const text = readable(query.toString())
  return `${location.origin}${location.pathname}${text && `?${text}`}${location.hash}`
}

function writeAddress(how: 'pushState' | 'replaceState'): void {
  if (addressOfForm() !== location.href) history[how](history.state, '', addressOfForm())
}

/**
 * The marks of a list of runs, which an address may hold as they are. A semicolon at the end stays written otherwise:
 * where links are found in text, it would be taken for the text's.
 */
const readable = (query: string): string =>
  query
    .replace(/%3A/g, ':')
    .replace(/%2C/g, ',')
    .replace(/%3B(?=[^&])/g, ';')
