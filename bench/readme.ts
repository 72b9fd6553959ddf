/**
 * README's performance table: one table per adapter, from the reports kept in bench/results. A run replaces its own
 * adapter's report; the table is written anew from all of them.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatFigure, PEERS, type PeerName, type Report, type Row } from './report'

export const BEGIN = '<!-- bench: written by `npm run bench -- --readme` -->'
export const END = '<!-- /bench -->'

const PEER_NAMES: Record<PeerName, string> = {
  tfjs: 'stock tfjs-webgpu',
  jaxjs: 'jax-js',
  torch: 'PyTorch, 1 thread',
  tfjs_wasm: 'tfjs wasm',
  tfjs_cpu: 'tfjs cpu',
}

const FIGURES: Record<string, string> = {
  sgd_step: 'SGD step',
  sam_step: 'SAM step',
  sam_over_sgd: 'SAM step / SGD step',
  dispatches_sgd: 'dispatches, SGD step',
  dispatches_sam: 'dispatches, SAM step',
  js_ms_sgd: 'JavaScript, SGD step',
  first_step_ms: 'first step',
  second_batch_first_step_ms: 'first step of another batch size',
  surface_pair_21x21: '21 × 21 pair of surfaces on 1,000 images',
  ui_first_load_bytes: 'first load, compressed',
  ui_first_curve_ms: 'Train clicked → first curve point',
  ui_long_task_max_ms: 'longest task of the page while training',
  ui_pause_ms: 'Pause clicked → paused',
}

/** Keeps the report and rewrites the README. */
export function updateReadme(root: string, report: Report): void {
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${slug(report)}.json`), `${JSON.stringify(report, null, 1)}\n`)
  const reports = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name): Report => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  const path = join(root, 'README.md')
  writeFileSync(path, replaceBlock(readFileSync(path, 'utf8'), reports.map(toMarkdown).join('\n\n')))
}

/** @throws Error when the markers are missing */
export function replaceBlock(readme: string, block: string): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END, begin)
  if (begin < 0 || end < 0) throw new Error(`README.md: needs the lines ${BEGIN} and ${END}`)
  return `${readme.slice(0, begin + BEGIN.length)}\n${block}\n${readme.slice(end)}`
}

/** `llvmpipe-node`: an adapter in Node and in Chromium are two. */
export function slug({ adapter, machine }: Pick<Report, 'adapter' | 'machine'>): string {
  const where = /Chromium/.test(machine) ? 'chromium' : 'node'
  const name = adapter.toLowerCase().match(/[a-z0-9]+/g) ?? ['adapter']
  return `${name.slice(0, 3).join('-')}-${where}`
}

export function toMarkdown({ machine, adapter, rows }: Report): string {
  // A run cut short has nothing to say of what it did not come to.
  const isLeftOut = ({ basin }: Row) => 'error' in basin && basin.error.startsWith('left out')
  const shown = rows.filter((row) => row.name in FIGURES && !isLeftOut(row))
  const peers = PEERS.filter((peer) => shown.some((row) => isMeasured(row, peer)))
  const head = ['figure', 'network', 'Basin', ...peers.map((peer) => PEER_NAMES[peer])]
  const lines = shown.map((row) => [
    FIGURES[row.name],
    [row.model, row.batch > 0 ? `b${row.batch}` : '', row.shape].filter(Boolean).join(' '),
    basinCell(row),
    ...peers.map((peer) => peerCell(row, peer)),
  ])
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return [`**${adapter}**; ${machine}. Medians; × is peer / Basin.`, '', ...table].join('\n')
}

function isMeasured({ peers }: Row, peer: PeerName): boolean {
  const entry = peers[peer]
  return entry !== undefined && !('error' in entry)
}

function basinCell({ basin, unit }: Row): string {
  return 'error' in basin ? basin.error : withUnit(basin.median, unit)
}

function peerCell({ peers, unit }: Row, peer: PeerName): string {
  const entry = peers[peer]
  if (!entry) return ''
  if ('error' in entry) return entry.error.replaceAll('|', '/')
  return `${withUnit(entry.median, unit)} (${formatFigure(entry.ratio)} ×)`
}

export function withUnit(value: number, unit: string): string {
  if (unit === 'ms' && value >= 10_000) return `${formatFigure(Math.round(value / 100) / 10)} s`
  if (unit === 'bytes') return `${formatFigure(value / 1e6)} MB`
  if (unit === 'ratio' || unit === 'count') return formatFigure(value)
  return `${formatFigure(value)} ${unit}`
}
