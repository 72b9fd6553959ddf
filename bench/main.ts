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
import { type Report, toJson, toTable } from './report'
import { engine } from './sections/engine'
import { startServer } from './server'

/** Set by scripts/bench.mjs: the checkout, and the folder of the bundles. */
const ROOT = process.env.BASIN_ROOT!
const BUNDLES = process.env.BENCH_BUNDLES!
const WASM = join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/')

const SECTION: Partial<Record<SectionName, Section>> = { engine }

async function run(options: BenchOptions): Promise<Report> {
  const started = performance.now()
  const server = await startServer({ bundles: join(BUNDLES, 'browser'), wasm: WASM })
  // First steps are measured with nothing cached: the driver's store of compiled shaders starts empty.
  const shaders = mkdtempSync(join(tmpdir(), 'basin-bench-'))
  const browser = options.browser ? await openBrowser(server.address) : undefined
  const say = (line: string) =>
    console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`)
  const arena: Arena = {
    options,
    server,
    start: (name) => startContestant(name, shaders, browser),
    secondsLeft: () => options.minutes * 60 - (performance.now() - started) / 1000,
    say,
  }
  try {
    const adapter = await adapterOf(arena)
    say(adapter)
    const report: Report = { machine: describeMachine(browser?.browser.version()), adapter, rows: [] }
    for (const name of options.sections) {
      const section = SECTION[name]
      if (!section) continue
      try {
        report.rows.push(...(await section(arena)))
      } catch (error) {
        // One section's failure does not take the others' figures along.
        const basin = { error: messageOf(error) }
        report.rows.push({ name, model: '', batch: 0, shape: '', unit: '', basin, peers: {} })
      }
    }
    return report
  } finally {
    await browser?.close()
    await server.close()
    rmSync(shaders, { recursive: true, force: true })
  }
}

async function startContestant(name: ContestantName, shaders: string, browser: BrowserHosts | undefined) {
  if (name === 'torch') {
    const python = process.env.BENCH_TORCH_PYTHON
    if (!python) throw new Error('BENCH_TORCH_PYTHON names no Python')
    return startPython(name, python, join(ROOT, 'bench/peers/torch_peer.py'))
  }
  if (browser) return browser.start(name, `/${name}.js`)
  return startNode(name, join(BUNDLES, 'node', `${name}.mjs`), {
    MESA_SHADER_CACHE_DIR: shaders,
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

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(HELP)
  else {
    const report = await run(options)
    console.log(options.json ? toJson(report) : toTable(report))
  }
} catch (error) {
  console.error(`error: ${messageOf(error)}`)
  process.exitCode = 1
}
process.exit()
