/** The measures as plain data, for the page, which cannot compute them. */
import { type Flag, flagOfType } from '../../config/flags'
import type { z } from '../../zod'
import { MEASURES, type MeasureId, type MeasureSettings } from './index'
import type { Measure, SettingsShape } from './measure'
import { type SettingMeta, SHARED } from './settings'

/** A setting as a form and the command line take it. */
export interface Setting extends Flag<string> {
  step?: number
  group?: string
  shownWith?: SettingMeta['shownWith']
}

export interface MeasureInfo
  extends Pick<Measure<MeasureId>, 'id' | 'title' | 'about' | 'runs' | 'unit' | 'yields'> {
  /** Names of its settings. */
  settings: readonly string[]
}

export function settingOf(name: string, type: z.ZodType): Setting {
  const { step, group, shownWith, rule, ...meta } = type.meta() as unknown as SettingMeta
  return {
    ...flagOfType(name, type, meta),
    ...(rule !== undefined && { rule }),
    ...(step !== undefined && { step }),
    ...(group !== undefined && { group }),
    ...(shownWith && { shownWith }),
  }
}

export const MEASURE_INFOS: readonly MeasureInfo[] = (MEASURES as readonly Measure<MeasureId>[]).map(
  ({ id, title, about, runs, unit, yields, settings }) => ({
    id,
    title,
    about,
    runs,
    unit,
    yields,
    settings: Object.keys(settings),
  }),
)

/** Every setting once: those that measures share in their order, then the others in the order of the list. */
const ALL: SettingsShape = { ...SHARED, ...Object.assign({}, ...MEASURES.map(({ settings }) => settings)) }
export const SETTINGS: readonly Setting[] = Object.entries(ALL).map(([name, type]) => settingOf(name, type))

/** What every setting is unless somebody says otherwise. */
export const DEFAULT_MEASURE_SETTINGS = Object.fromEntries(
  SETTINGS.map((one) => [one.name, one.default]),
) as MeasureSettings
