/** What the list says of runs: of one its value, of a group the mean with its interval. */
import { methodOf } from '../../core/optim/methods'
import { intervalOf, type ListedRun, type RunRecord } from '../../worker/libraryProtocol'
import { formatCount, formatInterval, formatNumber, formatPercent } from '../format'
import type { ListRow } from './rows'

export interface NumberColumn {
  id: string
  header: string
  /** What it is, where the header says too little. */
  help?: string
  value(record: RunRecord): number | undefined
  unit: 'number' | 'percent' | 'count'
}

export const NUMBER_COLUMNS: readonly NumberColumn[] = [
  {
    id: 'gradients',
    header: 'Gradients',
    help: 'Gradient evaluations so far',
    value: ({ last }) => last?.gradientEvaluations,
    unit: 'count',
  },
  {
    id: 'testError',
    header: 'Test error',
    help: 'At the last evaluation',
    value: ({ evaluation }) => evaluation?.testErrorRate,
    unit: 'percent',
  },
  {
    id: 'bestTestError',
    header: 'Best test error',
    help: 'Of all evaluations, chosen on the test images: nobody knows it while training',
    value: ({ bestTestErrorRate }) => bestTestErrorRate,
    unit: 'percent',
  },
  {
    id: 'trainError',
    header: 'Training error',
    help: 'On the labels trained on, at the last evaluation that measured it',
    value: ({ evaluation }) => evaluation?.trainErrorRate,
    unit: 'percent',
  },
  {
    id: 'memorised',
    header: 'Memorised',
    help: 'Share of the wrong labels that the network predicts',
    value: ({ evaluation }) => evaluation?.memorised,
    unit: 'percent',
  },
  {
    id: 'gap',
    header: 'Gap',
    help: 'L(θ + ε̂) − L(θ) at the newest step',
    value: ({ last }) => last?.gap ?? undefined,
    unit: 'number',
  },
  {
    id: 'width',
    header: 'Width',
    help: 'Of the basin, where a 1-D slice measured it',
    value: ({ measured }) => measured?.width,
    unit: 'number',
  },
  {
    id: 'lambda1',
    header: 'λ₁',
    help: 'Largest eigenvalue of the Hessian, where it was measured',
    value: ({ measured }) => measured?.lambda1,
    unit: 'number',
  },
]

const FORMATS = { number: formatNumber, percent: formatPercent, count: formatCount }

export const numberText = ({ unit }: NumberColumn, value: number | undefined): string => FORMATS[unit](value)

export interface TextColumn {
  id: string
  header: string
  text(record: RunRecord): string
}

export const TEXT_COLUMNS: readonly TextColumn[] = [
  { id: 'status', header: 'Status', text: statusText },
  { id: 'data', header: 'Data', text: (record) => known(record, dataText) },
  { id: 'network', header: 'Network', text: (record) => known(record, ({ config }) => config.model_name) },
  { id: 'method', header: 'Method', text: (record) => known(record, ({ config }) => methodOf(config).title) },
]

const known = (record: RunRecord, text: (record: RunRecord) => string) =>
  record.curvesOnly ? '–' : text(record)

function statusText({ state, step, totalSteps, curvesOnly }: RunRecord): string {
  if (curvesOnly) return 'curves only'
  if (state === 'finished' || totalSteps === 0) return state
  return `${state}, ${Math.floor((100 * step) / totalSteps)} %`
}

function dataText({ config: { dataset }, data: { numTrain, numWrongLabels } }: RunRecord): string {
  const wrong =
    numWrongLabels > 0 ? `, ${formatPercent(numWrongLabels / numTrain).replace('.0', '')} wrong` : ''
  return `${dataset}, ${formatCount(numTrain)}${wrong}`
}

/** `18.7 %`, of a group `18.7 ± 0.4 %`, of a count the mean; where only some of its runs have the number, how many. */
export function intervalText(runs: readonly ListedRun[], column: NumberColumn): string {
  const interval = intervalOf(runs, ({ record }) => column.value(record))
  if (!interval) return '–'
  const { mean, half, n } = interval
  const text = column.unit === 'count' ? numberText(column, mean) : formatInterval(mean, half, column.unit)
  return n < runs.length ? `${text} (${n})` : text
}

/** Different values of a group's runs. */
export function rowText({ runs }: ListRow, { text }: TextColumn): string {
  const values = [...new Set(runs.map(({ record }) => text(record)))]
  if (values.length <= 2) return values.join(', ')
  return `${values[0]} and ${values.length - 1} others`
}

/** `2026-01-31 14:05`, where the person is. */
export function dateText(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return '–'
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
