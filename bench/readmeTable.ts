/** README's tables of one adapter: a line for each network trained, then what has no network's line. */
import { formatFigure, PEERS, type PeerName, type Report, type Row } from './report'

const PEER_NAMES: Partial<Record<PeerName, string>> = {
  tfjs: 'stock tfjs-webgpu',
  jaxjs: 'jax-js',
  torch: 'PyTorch, 1 thread',
  tfjs_wasm: 'tfjs wasm',
  tfjs_cpu: 'tfjs cpu',
  basin_f16: 'itself with f16',
  basin_webgpu: 'itself on WebGPU, both on this processor',
  basin_wasm: 'itself in WebAssembly',
  basin_wasm_1: 'itself on 1 thread',
  basin_beside: 'itself of another commit',
}

/** Columns that show Basin's own figures of a case, `/` between two. */
const COLUMNS: readonly [head: string, names: readonly string[]][] = [
  ['SAM / SGD', ['sam_over_sgd']],
  ['dispatches, SGD / SAM', ['dispatches_sgd', 'dispatches_sam']],
  ['JavaScript a step', ['js_ms_sgd']],
  ['first step', ['first_step_ms']],
  ['first step of another batch size', ['second_batch_first_step_ms']],
  ['evaluation of 250 images, first / next', ['first_evaluation_ms', 'evaluation_ms']],
]

const OTHERS: Record<string, string> = {
  surface_pair_21x21: 'a 21 × 21 pair of surfaces on 1,000 images, in epochs of SGD + SAM',
  matmul_gflops_a_thread: 'a matrix product 512³ on one thread',
  ui_usable_ms: 'page opened → it can be used',
  ui_first_load_bytes: 'loaded until it can be used, compressed',
  ui_ready_ms: 'page opened → the device is ready',
  ui_whole_load_bytes: 'loaded in all, before anything is clicked, compressed',
  ui_first_curve_ms: 'Train clicked → first curve point',
  ui_whole_preset_ms: 'Train clicked → preset finished',
  ui_long_tasks_per_minute: 'tasks of the page over 50 ms a minute of training',
  ui_long_task_max_ms: 'longest of them',
  ui_pause_ms: 'Pause clicked → paused',
  ui_saving_share: 'training time that keeping the runs takes',
  ui_runs_page_ms: 'Runs clicked → the table',
  ui_runs_sort_ms: 'a column’s head clicked → sorted',
}

export function toMarkdown({ machine, adapter, rows }: Report): string {
  const measured = rows.filter(({ basin }) => !('error' in basin))
  const tables = [steps(measured), others(measured)].filter((table) => table !== '')
  return [`**${adapter}**; ${machine}.`, ...tables].join('\n\n')
}

function steps(rows: readonly Row[]): string {
  const cases = rows.filter(({ name }) => name === 'sgd_step')
  if (cases.length === 0) return ''
  const peers = PEERS.filter((peer) => cases.some((row) => isMeasured(row, peer)))
  const columns = COLUMNS.filter(([, names]) => names.some((name) => rows.some((row) => row.name === name)))
  const head = [
    'network',
    'SGD step',
    ...peers.map((peer) => `against ${PEER_NAMES[peer]}`),
    ...columns.map(([text]) => text),
  ]
  return table(head, [
    ...cases.map((row) => [
      caseText(row),
      basinText(row),
      ...peers.map((peer) => comparison(row, peer)),
      ...columns.map(([, names]) => figuresOf(rows, row, names)),
    ]),
  ])
}

function others(rows: readonly Row[]): string {
  const shown = rows.filter(({ name }) => name in OTHERS)
  if (shown.length === 0) return ''
  return table(
    ['figure', 'of', ''],
    shown.map((row) => [OTHERS[row.name], caseText(row), basinText(row)]),
  )
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function isMeasured({ peers }: Row, peer: PeerName): boolean {
  const entry = peers[peer]
  return entry !== undefined && !('error' in entry)
}

/** `11.7 × faster`, or why there is no comparison. */
function comparison({ peers }: Row, peer: PeerName): string {
  const entry = peers[peer]
  // A run cut short says nothing of what it did not come to.
  if (!entry || ('error' in entry && entry.error.startsWith('left out'))) return '–'
  if ('error' in entry) return entry.error.replaceAll('|', '/')
  const { ratio } = entry
  return ratio >= 1 ? `${formatFigure(ratio)} × faster` : `${formatFigure(1 / ratio)} × slower`
}

/** The figures of a case, `–` when it has not all of them. */
function figuresOf(rows: readonly Row[], of: Row, names: readonly string[]): string {
  const own = rows.filter(
    ({ model, batch, shape }) => model === of.model && batch === of.batch && shape === of.shape,
  )
  const found = names.map((name) => own.find((row) => row.name === name))
  return found.every((row) => row !== undefined) ? found.map(basinText).join(' / ') : '–'
}

function caseText({ model, batch, shape }: Row): string {
  const size = shape.replaceAll('x', ' × ')
  return [`${model}${size ? ',' : ''}`, size ? `${size},` : '', batch > 0 ? `batch ${batch}` : '']
    .filter(Boolean)
    .join(' ')
    .replace(/,$/, '')
}

const basinText = ({ basin, unit }: Row): string => ('error' in basin ? '–' : withUnit(basin.median, unit))

export function withUnit(value: number, unit: string): string {
  if (unit === 'ms' && value >= 120_000) return `${formatFigure(value / 60_000)} min`
  if (unit === 'ms' && value >= 1000) return `${formatFigure(value / 1000)} s`
  if (unit === 'bytes') return `${formatFigure(value / 2 ** 20)} MiB`
  if (unit === 'share') return `${formatFigure(100 * value)} %`
  if (unit === 'ratio' || unit === 'count') return formatFigure(value)
  return `${formatFigure(value)} ${unit}`
}
