/** Lists of settings to train one after the other: seeds, and values for one or two settings. */
import { readFlag } from '../../core/config/flags'
import { type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'

export interface SweptSetting {
  name: FieldName
  /** Values as their flag takes them, separated by spaces. */
  text: string
}

export interface Sweep {
  base: RunConfig
  seeds: number
  /** None, one or two. */
  settings: readonly SweptSetting[]
}

export const MOST_AT_ONCE = 200

export type SweepReading = { ok: true; configs: RunConfig[] } | { ok: false; message: string }

/** Every combination of values, each with every seed from the base's on. */
export function sweepConfigs({ base, seeds, settings }: Sweep): SweepReading {
  if (!Number.isInteger(seeds) || seeds < 1) return refusal(`seeds: whole number, 1 or more, got ${seeds}`)
  if (new Set(settings.map(({ name }) => name)).size < settings.length) {
    return refusal('settings: two different ones, got one twice')
  }
  let configs: RunConfig[] = [base]
  for (const { name, text } of settings) {
    const values: RunConfig[FieldName][] = []
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const reading = readFlag(name, word)
      if (!reading.ok) return refusal(reading.message)
      values.push(reading.value)
    }
    if (values.length === 0) return refusal(`${fieldMeta(name).label}: values separated by spaces, got none`)
    configs = configs.flatMap((config) => values.map((value) => ({ ...config, [name]: value })))
  }
  const all = configs.flatMap((config) =>
    Array.from({ length: seeds }, (_, k) => ({ ...config, run_seed: (config.run_seed + k) % 2 ** 32 })),
  )
  if (all.length > MOST_AT_ONCE) return refusal(`at most ${MOST_AT_ONCE} at once, got ${all.length}`)
  return { ok: true, configs: all }
}

const refusal = (message: string): SweepReading => ({ ok: false, message })
