/** Kept runs as a table for a terminal, one by one or over seeds. */
import { alignedLines } from '../../base/textTable'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { changesSince, changesText } from '../../core/library/changes'
import { grouped, type Interval, intervalOf } from '../../core/library/groups'
import type { ListedRun } from '../../core/library/listing'
import type { RunRecord } from '../../core/library/record'
import { duration, percent } from '../terminal/progressView'

interface Column {
  title: string
  value(record: RunRecord): number | undefined
  text(value: number): string
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')

const COLUMNS: Column[] = [
  { title: 'test error', value: ({ evaluation }) => evaluation?.testErrorRate, text: percent },
  { title: 'best', value: ({ bestTestErrorRate }) => bestTestErrorRate, text: percent },
  { title: 'train error', value: ({ evaluation }) => evaluation?.trainErrorRate, text: percent },
  { title: 'memorised', value: ({ evaluation }) => evaluation?.memorised, text: percent },
  { title: 'gradients', value: ({ last }) => last?.gradientEvaluations, text: whole },
]

/** Lines of the table. @param byGroup one for all runs that differ in nothing but the seed */
export function runsTable(runs: readonly ListedRun[], byGroup: boolean): string[] {
  if (runs.length === 0) return ['No runs here.']
  return byGroup ? groupTable(runs) : singleTable(runs)
}

function singleTable(runs: readonly ListedRun[]): string[] {
  const header = [
    'name',
    'state',
    'changes',
    'network',
    'data',
    'step',
    ...COLUMNS.map(({ title }) => title),
    'folder',
  ]
  const rows = runs.map(({ folder, record }, i) => [
    record.name,
    record.state,
    changes(record.config, runs[i - 1]?.record.config ?? DEFAULT_CONFIG),
    record.config.model_name,
    record.config.dataset,
    `${record.step}/${record.totalSteps}`,
    ...COLUMNS.map(({ value, text }) => shown(value(record), text)),
    folder || '.',
  ])
  return alignedLines([header, ...rows])
}

function groupTable(runs: readonly ListedRun[]): string[] {
  const groups = grouped(runs)
  const header = ['runs', 'changes', 'network', 'data', ...COLUMNS.map(({ title }) => title), 'seeds']
  const rows = groups.map(({ runs: members }, i) => {
    const { config } = members[0].record
    const before = groups[i - 1]?.runs[0].record.config ?? DEFAULT_CONFIG
    return [
      String(members.length),
      changes({ ...config, run_seed: before.run_seed }, before),
      config.model_name,
      config.dataset,
      ...COLUMNS.map(({ value, text }) =>
        intervalText(
          intervalOf(members, ({ record }) => value(record)),
          text,
        ),
      ),
      members.map(({ record }) => record.config.run_seed).join(' '),
    ]
  })
  return alignedLines([header, ...rows])
}

/** What is known of one run. */
export function runText(record: RunRecord): string[] {
  const { evaluation, last, parent } = record
  const rows: [string, string | undefined][] = [
    ['name', record.name],
    ['id', record.id],
    ['state', record.problem ? `${record.state}: ${record.problem}` : record.state],
    ['run', record.label],
    ['settings', changes(record.config, DEFAULT_CONFIG) || 'the page’s'],
    ['steps', `${record.step} of ${record.totalSteps}, ${record.stepsPerEpoch} an epoch`],
    [
      'images',
      `${record.data.numTrain} training (${record.data.numWrongLabels} wrong labels), ${record.data.numTest} test`,
    ],
    ['device', record.device],
    ['version', record.version],
    ['created', record.created],
    ['time', last && duration(last.seconds)],
    ['gradients', last && whole(last.gradientEvaluations)],
    ['test error', evaluation?.testErrorRate === undefined ? undefined : percent(evaluation.testErrorRate)],
    ['forked from', parent && `${parent.id} at step ${parent.step}`],
    ['parameters', record.parametersSha256 && `SHA-256 ${record.parametersSha256}`],
    ['notes', record.notes || undefined],
  ]
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined)
  return known.map(([name, text]) => `${name.padEnd(12)}${text}`)
}

const changes = (config: RunConfig, before: RunConfig) => changesText(changesSince(before, config))

const shown = (value: number | undefined, text: (value: number) => string) =>
  value === undefined ? '–' : text(value)

function intervalText(interval: Interval | undefined, text: (value: number) => string): string {
  if (!interval) return '–'
  const { mean, half, n } = interval
  return half === undefined ? text(mean) : `${text(mean)} ± ${text(half)} (${n})`
}
