/** The schema's fields as options of a command: `--flag value`, `--flag=value`, and for switches `--flag`, `--noflag`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { BasinError } from '../../base/errors'
import { type Flag, flagOf, flagText, readFlag, ruleOf } from '../../core/config/flags'
import { findPreset, PRESETS } from '../../core/config/presets'
import { REFERENCE_DEFAULTS } from '../../core/config/reference'
import {
  DEFAULT_CONFIG,
  FIELD_NAMES,
  type FieldName,
  fieldMeta,
  type RunConfig,
} from '../../core/config/schema'
import type { FieldGroup } from '../../core/fieldMeta'

const GROUP_TITLES: Record<FieldGroup, string> = {
  experiment: 'Experiment:',
  method: 'Method:',
  network: 'Network:',
  optimizer: 'Optimizer:',
  data: 'Data:',
  evaluation: 'Evaluation:',
  replicas: 'Replicas:',
  files: 'Files:',
}

/** What flags change: the reference's defaults, or a preset of the page; one run, unless --runs asks for more. */
function baseOf(preset: unknown): RunConfig {
  const found = typeof preset === 'string' ? findPreset(preset) : undefined
  return found ? { ...DEFAULT_CONFIG, runs: '', ...found.values } : REFERENCE_DEFAULTS
}

/** Adds --preset and one option per field; `configOf` reads them back. */
export function addConfigOptions(command: Command): Command {
  command.addOption(
    new Option(
      '--preset <id>',
      'Start from these settings of the page in place of the defaults below, which are google-research/sam’s; ' +
        'flags change them. first_visit is what the page opens with',
    )
      .choices(PRESETS.map(({ id }) => id))
      .helpGroup(GROUP_TITLES.experiment),
  )
  for (const name of FIELD_NAMES) {
    const flag = flagOf(name)
    const help = `${flag.label}. ${flag.help} (${ruleOf(flag)}; default ${shown(REFERENCE_DEFAULTS[name])})`
    const option = new Option(
      flag.kind === 'boolean' ? `--${name} [value]` : `--${name} <value>`,
      help,
    ).helpGroup(GROUP_TITLES[fieldMeta(name).group])
    command.addOption(option.argParser(parserOf(flag)))
    if (flag.kind === 'boolean') {
      const off = new Option(`--no${name}`, `${flag.label}: off`).hideHelp()
      command.addOption(off)
    }
  }
  return command
}

/** Reads a value; a repeated list grows, as the reference's repeated flags do. */
function parserOf({ name, kind }: Flag) {
  return (text: string, before: unknown): unknown => {
    const reading = readFlag(name, text)
    if (!reading.ok) throw new InvalidArgumentError(reading.message)
    return kind === 'integers' && Array.isArray(before)
      ? [...before, ...(reading.value as number[])]
      : reading.value
  }
}

const shown = (value: RunConfig[FieldName]) => flagText(value) || 'none'

/**
 * @param options what commander collected: only flags that were given
 * @throws BasinError `config` when a switch is both on and off
 */
export function configOf(options: Record<string, unknown>): RunConfig {
  const config: Record<string, unknown> = { ...baseOf(options.preset) }
  for (const name of FIELD_NAMES) {
    const off = options[`no${name}`] === true
    if (off && name in options) {
      throw new BasinError('config', `${name}: on or off, got both --${name} and --no${name}`, 'Give one.')
    }
    if (off) config[name] = false
    // commander hands a null from a parser on as an empty text.
    else if (name in options)
      config[name] = options[name] === '' && flagOf(name).nullable ? null : options[name]
  }
  return config as RunConfig
}
