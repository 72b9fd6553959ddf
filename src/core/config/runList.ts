/**
 * The text behind the setting `runs`: which runs are trained together, each by the settings in which it differs from
 * the others.
 *     list  = run { ";" run }
 *     run   = [ label "=" ] [ flag ":" value { "," flag ":" value } ]
 * An empty run has the settings as they are: `sam_rho:0;` is SGD beside what is set. In labels and values the
 * characters % ; , : = are written as in addresses (%25 %3B %2C %3A %3D).
 */
import { flagText, readFlag } from './flags'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from './schema'

/** More lines than this nobody tells apart, and a device holds few states. */
export const MOST_RUNS = 8
const LONGEST_LABEL = 40

/** One run as it is written. */
export interface RunEntry {
  /** Absent: named after its method. */
  label?: string
  /** The settings that are its own. */
  changes: Partial<RunConfig>
}

export type RunListReading = { ok: true; runs: RunEntry[] } | { ok: false; message: string }

/** Settings that a run may have for itself: all that the page knows, but for the list. */
export const mayDiffer = (name: FieldName): boolean => name !== 'runs' && !fieldMeta(name).cliOnly

/** Reads the list; the message has the form `runs: rule, got text`. */
export function readRuns(text: string): RunListReading {
  const parts = text.split(';')
  if (parts.length > MOST_RUNS) return wrong(`1 to ${MOST_RUNS} runs, got ${parts.length}`)
  const runs: RunEntry[] = []
  for (const part of parts) {
    const run = readRun(part)
    if (typeof run === 'string') return wrong(run)
    runs.push(run)
  }
  return { ok: true, runs }
}

/** The text that `readRuns` reads back. */
export function runsText(runs: readonly RunEntry[]): string {
  return runs
    .map(({ label, changes }) => {
      const settings = Object.entries(changes).map(
        ([name, value]) => `${name}:${escaped(flagText(value as RunConfig[FieldName]))}`,
      )
      return (label === undefined ? '' : `${escaped(label)}=`) + settings.join(',')
    })
    .join(';')
}

/** @returns what is wrong with it, in words, where something is */
function readRun(text: string): RunEntry | string {
  const [label, settings] = text.includes('=') ? splitAt(text, '=') : [undefined, text]
  const run: RunEntry = { changes: {} }
  if (label !== undefined) {
    const name = unescaped(label)?.trim()
    if (!name || name.length > LONGEST_LABEL)
      return `a label of 1 to ${LONGEST_LABEL} characters, got "${label}"`
    run.label = name
  }
  for (const setting of settings.trim() === '' ? [] : settings.split(',')) {
    const [flag, value] = splitAt(setting, ':')
    const name = flag.trim() as FieldName
    if (!FIELD_NAMES.includes(name) || !mayDiffer(name) || !setting.includes(':'))
      return `flag:value with a setting of the page, got "${setting}"`
    if (name in run.changes) return `a setting once in a run, got ${name} twice`
    const reading = readFlag(name, unescaped(value) ?? value)
    if (!reading.ok) return reading.message
    Object.assign(run.changes, { [name]: reading.value })
  }
  return run
}

const wrong = (message: string): RunListReading => ({ ok: false, message: `runs: ${message}` })

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const escaped = (text: string) =>
  text.replace(/[%;,:=]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

/** undefined where a % begins nothing. */
function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
