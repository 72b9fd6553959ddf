/** A measure's settings as options of its command, or from a file. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { BasinError } from '../../base/errors'
import { flagText, readTyped, ruleOf } from '../../core/config/flags'
import { settingOf } from '../../core/landscape/measures/info'
import type { SettingsShape } from '../../core/landscape/measures/measure'

/** Adds an option for each; `settingsIn` reads them back. */
export function addSettingOptions(command: Command, settings: SettingsShape): Command {
  for (const [name, type] of Object.entries(settings)) {
    const flag = settingOf(name, type)
    const shown = flagText(flag.default as Parameters<typeof flagText>[0]) || 'none'
    const help = `${flag.label}. ${flag.help} (${ruleOf(flag)}; default ${shown})`
    const words = flag.kind === 'boolean' ? `--${name} [value]` : `--${name} <value>`
    const parse = (text: string): unknown => {
      const reading = readTyped(flag, type, text)
      if (reading.ok) return reading.value
      throw new InvalidArgumentError(reading.message)
    }
    command.addOption(new Option(words, help).helpGroup('Measure:').argParser(parse))
  }
  return command
}

/** The settings with their defaults. */
export function settingsIn(
  options: Readonly<Record<string, unknown>>,
  settings: SettingsShape,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, type]) => [name, options[name] ?? type.parse(undefined)]),
  )
}

/**
 * The settings with their defaults, some of them given as values of JSON.
 * @throws BasinError `config`
 */
export function settingsFrom(
  settings: SettingsShape,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    const type = settings[name]
    if (!type) {
      throw new BasinError('config', `one of ${Object.keys(settings).join(', ')}, got ${name}`)
    }
    const reading = readTyped(settingOf(name, type), type, value === null ? 'none' : String(value))
    if (!reading.ok) throw new BasinError('config', reading.message)
    read[name] = reading.value
  }
  return settingsIn(read, settings)
}
