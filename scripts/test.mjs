// `npm test`: set-up, then format and lint, layers, types, unit tests, GPU kernel tests and browser journeys; sums up all runners.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { requireChromium } = await import('./chromium.mjs')
process.env.CHROMIUM_PATH = requireChromium()
const { installRedis } = await import('./redis.mjs')
installRedis()

const results = join(root, 'test-results')
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })

/** Runs one npm-installed tool, or a script of ours; returns whether it exited with 0. */
function run(title, command, args = []) {
  console.log(`\n── ${title}`)
  const started = Date.now()
  const [program, ...rest] = command.endsWith('.mjs')
    ? [process.execPath, command]
    : ['npx', '--no-install', command]
  const { status } = spawnSync(program, [...rest, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: program === 'npx' && process.platform === 'win32',
  })
  console.log(
    `── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(0)} s)`,
  )
  return status === 0
}

function read(file) {
  try {
    return JSON.parse(readFileSync(join(results, file), 'utf8'))
  } catch {
    return undefined
  }
}

let passed = 0
let failed = 0
let skipped = 0
function count(ok, counts) {
  passed += counts?.passed ?? 0
  failed += counts?.failed ?? 0
  skipped += counts?.skipped ?? 0
  // A runner that died without a report, or failed outside any test, still counts as a failure.
  if (!ok && !counts?.failed) failed += 1
}

/** Vitest's and Playwright's own JSON reports, so that the sum says what really ran. */
const vitestCounts = (file) => {
  const report = read(file)
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report ?? {}
  return report && { passed, failed, skipped }
}
const playwrightCounts = () => {
  const report = read('e2e.json')
  const { expected, unexpected, flaky, skipped } = report?.stats ?? {}
  return report && { passed: expected, failed: unexpected + flaky, skipped }
}
const step = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 })

const lint = run('Format and lint', 'biome', ['check', '--error-on-warnings', '.'])
count(lint, step(lint))
const layers = run('Who imports whom', 'scripts/layers.mjs')
count(layers, step(layers))
const types = run('Types', 'scripts/typecheck.mjs')
count(types, step(types))
for (const project of ['node', 'f16', 'gpu']) {
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=test-results/${project}.json`,
  ]
  const ok = run(`Unit tests (${project})`, 'vitest', ['run', '--project', project, ...reporters])
  count(ok, vitestCounts(`${project}.json`))
}
const journeys = run('Browser journeys', 'playwright', ['test'])
count(journeys, playwrightCounts())

if (skipped)
  console.log(`\n${skipped} skipped: this machine lacks what they need, as said above where they stand`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
