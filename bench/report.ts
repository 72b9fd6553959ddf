/** What a bench run prints: one JSON object, or a table a person can read. */
import { alignedLines } from '../src/base/textTable'
import { type Figure, figure, type PeerFigure } from './stats'

/** basin_…: Basin itself: with `--f16`, on WebGPU, in WebAssembly on all cores and on one thread, of another checkout. */
export const PEERS = [
  'tfjs',
  'jaxjs',
  'torch',
  'tfjs_wasm',
  'tfjs_cpu',
  'basin_f16',
  'basin_webgpu',
  'basin_wasm',
  'basin_wasm_1',
  'basin_beside',
] as const
export type PeerName = (typeof PEERS)[number]

/** Of the data section: libraries of the Python that BENCH_TORCH_PYTHON names. */
export const IMAGE_PEERS = ['pillow', 'torchvision'] as const
export type ImagePeer = (typeof IMAGE_PEERS)[number]

export interface Row {
  /** What was measured: sgd_step, sam_over_sgd, first_step_ms, conv_forward … */
  name: string
  model: string
  /** 0 where a batch has no meaning. */
  batch: number
  /** `28x28x1` */
  shape: string
  /** ms, ratio, count, GFLOP/s, bytes … */
  unit: string
  basin: Figure | { error: string }
  peers: Partial<Record<PeerName | ImagePeer, PeerFigure>>
}

/** What a row is of. */
export type Case = Pick<Row, 'model' | 'batch' | 'shape'>

/** A row of Basin alone. @param value one, several, or why there is none */
export function rowOf(
  of: Case,
  name: string,
  unit: string,
  value: number | readonly number[] | { error: string },
): Row {
  const values = typeof value === 'number' ? [value] : value
  return { name, ...of, unit, basin: 'error' in values ? values : figure(values), peers: {} }
}

export interface Report {
  /** Cores, processor, memory, system. */
  machine: string
  /** As the device names it, and where it ran. */
  adapter: string
  rows: Row[]
}

/** Exactly one object. */
export const toJson = (report: Report): string => JSON.stringify(report, null, 1)

/** Three significant digits; whole numbers as they are. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0)
  return Number(value.toPrecision(3)).toString()
}

function cell(entry: Figure | PeerFigure | undefined): string {
  if (!entry) return ''
  if ('error' in entry) return entry.error
  const { min, median } = entry
  const numbers = min === median ? formatFigure(median) : `${formatFigure(min)} / ${formatFigure(median)}`
  return 'ratio' in entry ? `${numbers} (${formatFigure(entry.ratio)}×)` : numbers
}

/** Header and rows as cells; peers that no row has are left out. */
export function cells(rows: readonly Row[]): string[][] {
  const peers = [...PEERS, ...IMAGE_PEERS].filter((peer) => rows.some((row) => peer in row.peers))
  const head = ['figure', 'model', 'batch', 'shape', 'unit', 'Basin', ...peers]
  const body = rows.map((row) => [
    row.name,
    row.model,
    row.batch > 0 ? String(row.batch) : '',
    row.shape,
    row.unit,
    cell(row.basin),
    ...peers.map((peer) => cell(row.peers[peer])),
  ])
  return [head, ...body]
}

export function toTable({ machine, adapter, rows }: Report): string {
  return [
    `${adapter} on ${machine}`,
    'min / median; in brackets: peer / Basin of the medians',
    '',
    ...alignedLines(cells(rows)),
  ].join('\n')
}
