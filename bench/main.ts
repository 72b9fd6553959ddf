/** `npm run bench`: starts contestants, runs the sections asked for, prints the report. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, within } from './alternate'
import type { Arena, ContestantName, Section } from './arena'
import { type BrowserHosts, openBrowser } from './hosts/chromium'
import { startNode, startPython } from './hosts/processes'
import { describeMachine } from './machine'
import { type BenchOptions, HELP, parseOptions, type SectionName } from './options'
import { updateReadme } from './readme'
import { type Report, type Row, toJson, toTable } from './report'
import { curvature } from './sections/curvature'
import { data } from './sections/data'
import { engine } from './sections/engine'
import { kernels } from './sections/kernels'
import { landscape } from './sections/landscape'
import { memory } from './sections/memory'
import { methods } from './sections/methods'
import { ui } from './sections/ui'
import { startServer } from './server'

/** Set by scripts/bench.mjs: the checkout, and the folder of the bundles. */
const ROOT = process.env.BASIN_ROOT!
const BUNDLES = process.env.BENCH_BUNDLES!
const WASM = join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/')

/** The driver's own store of compiled shaders stays in use; first steps are then not what a first visit takes. */
const KEEPS_SHADERS = Boolean(process.env.BENCH_KEEP_SHADERS)

const SECTION: Record<SectionName, Section> = {
  engine,
  methods,
  kernels,
  landscape,
  curvature,
  memory,
  ui,
  data,
}

async function run(options: BenchOptions): Promise<Report> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const server = await startServer({ bundles: join(BUNDLES, 'browser'), wasm: WASM })
  // First steps are measured with nothing cached: the driver's store of compiled shaders starts empty.
  const shaders = mkdtempSync(join(tmpdir(), 'basin-bench-'))
  const browser = options.browser ? await openBrowser(server.address) : undefined
  const rows: Row[] = []
  const pageAlone = options.sections.every((name) => name === 'ui')
  const arena: Arena = {
    options,
    server,
    root: ROOT,
    add: (more) => rows.push(...more),
    pageDevice: (name) => {
      if (pageAlone) report.adapter = name
    },
    start: (name) => startContestant(name, options.device, shaders, browser),
    secondsLeft: () => options.minutes * 60 - seconds(),
    say: (line) => console.error(`${seconds().toFixed(0).padStart(4)} s  ${line}`),
  }
  const report: Report = { machine: describeMachine(browser?.browser.version()), adapter: '', rows }
  // Cut short, it still says what it knows.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      print(report, options)
      process.exit(130)
    })
  }
  try {
    if (!pageAlone) {
      report.adapter = await adapterOf(arena)
      if (KEEPS_SHADERS && !browser)
        report.adapter += ' (driver’s shader store kept: first steps not from nothing)'
      arena.say(report.adapter)
    }
    for (const name of options.sections) {
      try {
        await SECTION[name](arena)
      } catch (error) {
        // One section's failure does not take the others' figures along.
        const basin = { error: messageOf(error) }
        rows.push({ name, model: '', batch: 0, shape: '', unit: '', basin, peers: {} })
      }
    }
    return report
  } finally {
    await browser?.close()
    await server.close()
    rmSync(shaders, { recursive: true, force: true })
  }
}

async function startContestant(
  name: ContestantName,
  device: BenchOptions['device'],
  shaders: string,
  browser: BrowserHosts | undefined,
) {
  if (name === 'torch') {
    const python = process.env.BENCH_TORCH_PYTHON
    if (!python) throw new Error('BENCH_TORCH_PYTHON names no Python')
    return startPython(name, python, join(ROOT, 'bench/peers/torch_peer.py'))
  }
  // The bundles of Basin: `basin` is the one on WebGPU.
  const script =
    name === 'basin_webgpu' ? 'basin' : name === 'basin' && device === 'wasm' ? 'basin_wasm' : name
  if (browser) return browser.start(name, `/${script}.js`)
  return startNode(name, join(BUNDLES, 'node', `${script}.mjs`), {
    ...(KEEPS_SHADERS ? {} : { MESA_SHADER_CACHE_DIR: shaders }),
    BENCH_WASM: WASM,
  })
}

async function adapterOf(arena: Arena): Promise<string> {
  const host = await arena.start('basin')
  try {
    return await within(host.open(), 60_000)
  } finally {
    await host.close()
  }
}

function print(report: Report, options: BenchOptions): void {
  console.log(options.json ? toJson(report) : toTable(report))
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(HELP)
  else {
    const report = await run(options)
    print(report, options)
    if (options.readme) updateReadme(ROOT, report)
  }
} catch (error) {
  console.error(`error: ${messageOf(error)}`)
  process.exitCode = 1
}
process.exit()
