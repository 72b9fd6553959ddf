/** What the form would train, as a sweep file for the terminal and other machines (docs/sweeps.md). */
import { flagText } from '../../core/config/flags'
import {
  DEFAULT_CONFIG,
  FIELD_NAMES,
  type FieldName,
  fieldMeta,
  type RunConfig,
} from '../../core/config/schema'
import { formRuns } from '../runs/shownRuns'
import { type Sweep, sweepConfigs } from './sweep'

/** A job of a sweep is one run; where files go its command says. */
const NOT_ITS_OWN: readonly FieldName[] = ['runs', 'run_seed', 'output_dir']

/** @returns JSON; undefined where the form asks for nothing that can be trained */
export function sweepFile({ base, seeds, settings }: Sweep): string | undefined {
  if (!sweepConfigs({ base, seeds, settings }).ok) return undefined
  const [first, ...others] = formRuns(base)
  const ofRuns = others.length > 0 ? first.differs.filter((name) => !NOT_ITS_OWN.includes(name)) : []
  const own = FIELD_NAMES.filter(
    (name) =>
      !NOT_ITS_OWN.includes(name) &&
      !ofRuns.includes(name) &&
      !fieldMeta(name).cliOnly &&
      flagText(first.config[name]) !== flagText(DEFAULT_CONFIG[name]),
  )
  const file = {
    name: 'from_the_page',
    // The page's own defaults; without a preset those of the reference would count.
    preset: 'first_visit',
    base: valuesOf(first.config, own),
    ...(ofRuns.length > 0 && { list: [first, ...others].map(({ config }) => valuesOf(config, ofRuns)) }),
    grid: Object.fromEntries(settings.map(({ name, text }) => [name, text.split(/\s+/).filter(Boolean)])),
    seeds: Array.from({ length: seeds }, (_, k) => (base.run_seed + k) % 2 ** 32),
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

const valuesOf = (config: RunConfig, names: readonly FieldName[]) =>
  Object.fromEntries(
    names.map((name) => {
      const value = config[name]
      return [name, typeof value === 'number' || typeof value === 'boolean' ? value : flagText(value)]
    }),
  )
