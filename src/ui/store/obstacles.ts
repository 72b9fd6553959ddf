/**
 * What forbids starting: fields out of range, settings that contradict each other, data that are not here, what the
 * device cannot hold. Each is said once, beside the field where it is mended; what has no field stands by itself.
 */
import { fieldApplies } from '../../core/config/applies'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import type { DatasetEntry } from '../../worker/dataProtocol'
import { formRuns } from '../runs/shownRuns'
import { useData } from './dataStore'
import { useLab } from './labStore'

export interface Obstacle {
  field?: FieldName
  message: string
}

/** The first marked field, if there is one, comes first. */
export function obstacles(): Obstacle[] {
  const { invalid, config, plan } = useLab.getState()
  const fields = Object.keys(invalid).map((field): Obstacle => ({ field: field as FieldName, message: '' }))
  const missing = missingData(config)
  const tooLarge = plan?.problem ? [{ message: `${plan.problem.message}. ${plan.problem.remedy}` }] : []
  return [...fields, ...contradictions(config), ...missing, ...tooLarge]
}

const found = new WeakMap<RunConfig, readonly Obstacle[]>()

/** Settings that do not go together, in the form's words. */
export function contradictions(config: RunConfig): readonly Obstacle[] {
  const known = found.get(config)
  if (known) return known
  const shared = checkConfig({ ...config, runs: '' })
  // What only a run's own settings break is mended in its line.
  const own = checkConfig(config).filter((message) => !shared.includes(message))
  const all = [
    ...shared.map((message) => placed(message, config)),
    ...own.map((message): Obstacle => ({ field: 'runs', message: plain(message) })),
  ]
  found.set(config, all)
  return all
}

/** What a field is told beside it, of contradictions. */
export const contradictionAt = (config: RunConfig, name: FieldName): string | undefined =>
  contradictions(config).find(({ field }) => field === name)?.message

/** `batch_size: at most num_train_examples …` at the field of that name, where the form shows it. */
function placed(message: string, config: RunConfig): Obstacle {
  const [, name, rule] = /^(\w+): (.*)$/s.exec(message) ?? []
  const field = FIELD_NAMES.find((one) => one === name)
  const shown = field && !fieldMeta(field).cliOnly && fieldApplies(field, config)
  return shown
    ? { field, message: plain(rule[0].toUpperCase() + rule.slice(1)) }
    : { message: plain(message) }
}

const FLAGS = new RegExp(`\\b(${FIELD_NAMES.filter((name) => name.includes('_')).join('|')})\\b`, 'g')

/** Flags by what the form calls them. */
const plain = (message: string): string =>
  message.replace(FLAGS, (name) => `“${fieldMeta(name as FieldName).label}”`)

function missingData(config: RunConfig): Obstacle[] {
  const { datasets } = useData.getState()
  if (!isHere(config.dataset, datasets)) return [{ field: 'dataset', message: '' }]
  const message = awayText(config, datasets)
  return message ? [{ field: 'runs', message }] : []
}

type Known = readonly Pick<DatasetEntry, 'name'>[] | undefined

/** As far as it is known. */
const isHere = (dataset: string, datasets: Known) => datasets?.some(({ name }) => name === dataset) ?? true

/** Of a run that learns other data than the form says, and has them not. */
export function awayText(config: RunConfig, datasets: Known): string | undefined {
  const away = formRuns(config).find(
    (run) => run.config.dataset !== config.dataset && !isHere(run.config.dataset, datasets),
  )
  return away && `${away.label}: its data set ${away.config.dataset} is not here. Import it on the Data page.`
}
