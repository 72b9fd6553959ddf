/** What can be said on the command line of the bench. */
import { parseArgs } from 'node:util'
import { PEERS, type PeerName } from './report'
import { MODELS, type ModelName } from './workload'

export const SECTIONS = [
  'engine',
  'methods',
  'kernels',
  'landscape',
  'curvature',
  'memory',
  'ui',
  'data',
] as const
export type SectionName = (typeof SECTIONS)[number]

/** What Basin computes on. */
export const DEVICES = ['webgpu', 'wasm'] as const

/** Who takes part unless said. */
const USUAL: Record<(typeof DEVICES)[number], readonly PeerName[]> = {
  webgpu: ['tfjs', 'jaxjs', 'torch', 'tfjs_wasm', 'tfjs_cpu'],
  wasm: ['basin_wasm_1', 'basin_webgpu', 'tfjs_wasm', 'tfjs_cpu', 'jaxjs', 'torch'],
}

export interface BenchOptions {
  device: (typeof DEVICES)[number]
  sections: SectionName[]
  json: boolean
  browser: boolean
  readme: boolean
  /** `ui`: the first visit's run to its end. */
  wholePreset: boolean
  models: ModelName[]
  /** Undefined: each case's own. */
  batches: number[] | undefined
  peers: PeerName[]
  /** Whether peers make SAM steps too; their compilation is what takes longest. */
  samPeers: boolean
  /** For the rounds of one case. */
  seconds: number
  /** For one contestant of one case, its compilation included. */
  limit: number
  /** For the whole run: what would begin later is left out and says so. */
  minutes: number
}

export const HELP = `npm run bench -- [${SECTIONS.join('|')} …] [options]

Times Basin against its peers on this machine, contestants in turn within one run. Without sections: all.
  --json           exactly one object instead of a table
  --device NAME    what Basin computes on: webgpu (default) or wasm, on all cores
  --browser        in headless Chromium instead of Node
  --model NAME     only this network (repeatable): ${MODELS.join(', ')}
  --batch N        only this batch size (repeatable)
  --peers LIST     comma-separated, or none: ${PEERS.join(', ')};
                   basin_… are Basin itself, with --f16 (engine, kernels, memory) or on another device
  --no-sam-peers   peers make SGD steps only
  --seconds N      rounds of one case (default 15)
  --limit N        seconds for one contestant of one case, compilation included (default 120)
  --minutes N      for everything; what would begin later is left out and says so (default 10)
  --whole-preset   ui: train the first visit's preset to its end (about 10 minutes on two cores without a GPU)
  --readme         also write the result to bench/results and the tables in README.md; rows of earlier runs on the
                   same machine and adapter stay until measured again
PyTorch takes part when BENCH_TORCH_PYTHON names a Python with torch; basin_beside is Basin on WebGPU of another
checkout, installed, that BENCH_BESIDE names: a commit beside the one before it, in one run. In Node the adapter is Vulkan's choice
(VK_ICD_FILENAMES names another), and the driver's store of compiled shaders begins empty
(BENCH_KEEP_SHADERS=1 keeps the usual one); in Chromium BENCH_CHROMIUM_ARGS replaces the flags for machines without a GPU.`

/** @throws Error with one sentence on what is wrong */
export function parseOptions(words: string[]): BenchOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      browser: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      'whole-preset': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      model: { type: 'string', multiple: true },
      batch: { type: 'string', multiple: true },
      peers: { type: 'string' },
      device: { type: 'string', default: 'webgpu' },
      'no-sam-peers': { type: 'boolean', default: false },
      seconds: { type: 'string', default: '15' },
      limit: { type: 'string', default: '120' },
      minutes: { type: 'string', default: '10' },
    },
  })
  if (values.help) return 'help'
  const device = oneOf('device', DEVICES, values.device)
  const peers =
    values.peers === undefined ? USUAL[device] : values.peers.split(',').filter((name) => name !== 'none')
  return {
    device,
    sections:
      positionals.length > 0 ? positionals.map((name) => oneOf('section', SECTIONS, name)) : [...SECTIONS],
    json: values.json,
    browser: values.browser,
    readme: values.readme,
    wholePreset: values['whole-preset'],
    models: values.model?.map((name) => oneOf('model', MODELS, name)) ?? [...MODELS],
    batches: values.batch?.map((text) => positive('batch', text)),
    peers: peers.map((name) => oneOf('peers', PEERS, name)),
    samPeers: !values['no-sam-peers'],
    seconds: positive('seconds', values.seconds),
    limit: positive('limit', values.limit),
    minutes: positive('minutes', values.minutes),
  }
}

function oneOf<T extends string>(what: string, known: readonly T[], name: string): T {
  const found = known.find((candidate) => candidate === name)
  if (!found) throw new Error(`${what}: one of ${known.join(', ')}, got ${name}`)
  return found
}

function positive(what: string, text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`${what}: a positive number, got ${text}`)
  return value
}
