/**
 * The run's settings as a query string: only what differs from the defaults, so that a link stays short and a changed
 * default reaches old links. Whatever an address holds, a config comes out of it, and a sentence for each value that
 * could not be taken.
 */
import { flagText, readFlag } from './flags'
import { readRuns } from './runList'
import { DEFAULT_CONFIG, FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from './schema'
import { translated } from './stored'

/** `sam_rho=0.05&num_epochs=10`; empty for the defaults. Settings of the command line alone are left out. */
export function configToQuery(config: RunConfig): string {
  const query = new URLSearchParams()
  for (const name of FIELD_NAMES) {
    const text = flagText(config[name])
    if (!fieldMeta(name).cliOnly && text !== flagText(DEFAULT_CONFIG[name])) query.set(name, text)
  }
  return query.toString()
}

/**
 * @param query with or without its question mark
 * @returns a valid config; `messages` name each field that was not taken, why, and the default used instead
 */
export function configFromQuery(query: string): { config: RunConfig; messages: string[] } {
  const config: Record<string, unknown> = { ...DEFAULT_CONFIG }
  const messages: string[] = []
  const seen = new Set<string>()
  for (const [written, value] of new URLSearchParams(query)) {
    const [[key, text]] = Object.entries(translated({ [written]: value })) as [string, string][]
    if (seen.has(key)) {
      messages.push(`${short(key)}: only once in the address; the first value is used.`)
      continue
    }
    seen.add(key)
    if (!isField(key)) messages.push(`${short(key)}: no such setting; it is ignored.`)
    else if (fieldMeta(key).cliOnly)
      messages.push(`${key}: only the command line has this setting; it is ignored.`)
    else {
      const list = key === 'runs' ? readRuns(text) : undefined
      const reading = list?.ok === false ? list : readFlag(key, text)
      if (reading.ok) config[key] = reading.value
      else messages.push(`${reading.message}; the default, ${flagText(DEFAULT_CONFIG[key])}, is used.`)
    }
  }
  return { config: config as RunConfig, messages }
}

function isField(key: string): key is FieldName {
  return (FIELD_NAMES as string[]).includes(key)
}

function short(key: string): string {
  return key.length > 60 ? `${key.slice(0, 57)}…` : key
}
