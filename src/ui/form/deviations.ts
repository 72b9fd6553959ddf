/** How the form's settings differ from the experiment that they are nearest to. */
import { flagText } from '../../core/config/flags'
import { PRESETS, type Preset } from '../../core/config/presets'
import {
  FIELD_NAMES,
  type FieldName,
  fieldMeta,
  type RunConfig,
  runConfigSchema,
} from '../../core/config/schema'

/** The seed does not make it another experiment. */
const COMPARED = FIELD_NAMES.filter((name) => name !== 'run_seed' && !fieldMeta(name).cliOnly)

/** A preset's whole config: what it does not name has its default. */
export const wholePreset = ({ values }: Preset): RunConfig => runConfigSchema.parse(values)

export interface Nearest {
  preset: Preset
  /** None: the settings are the preset's. */
  differs: readonly FieldName[]
}

const known = new WeakMap<RunConfig, Nearest>()

/** The preset from which the fewest settings differ. */
export function nearestPreset(config: RunConfig): Nearest {
  const nearest =
    known.get(config) ??
    PRESETS.map((preset): Nearest => {
      const whole = wholePreset(preset)
      return { preset, differs: COMPARED.filter((name) => config[name] !== whole[name]) }
    }).reduce((best, one) => (one.differs.length < best.differs.length ? one : best))
  known.set(config, nearest)
  return nearest
}

/** `Epochs 4, Training images 512` */
export const deviationText = (names: readonly FieldName[], config: RunConfig): string =>
  names.map((name) => `${fieldMeta(name).label} ${valueText(name, config[name])}`).join(', ')

/** A setting's value as the form shows it. */
export function valueText(name: FieldName, value: RunConfig[FieldName]): string {
  if (value === true) return 'on'
  if (value === false) return 'off'
  const { choices, empty = 'all' } = fieldMeta(name)
  return choices?.[String(value)]?.title ?? (flagText(value) || empty)
}
