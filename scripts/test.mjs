// `npm test`: set-up, then format and lint, layers, types and the page's build beside the unit tests of all kinds; browser
// journeys, which want the cores for themselves, after them. Sums up all runners.
import { spawn } from 'node:child_process'
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

/**
 * Runs one npm-installed tool, or a script of ours.
 * @param live shows what it says as it says it, not when it has ended
 * @returns whether it exited with 0
 */
async function run(title, command, args = [], live = false) {
  if (live) console.log(`\n── ${title}`)
  const started = Date.now()
  const [program, ...rest] = command.endsWith('.mjs')
    ? [process.execPath, command]
    : ['npx', '--no-install', command]
  const child = spawn(program, [...rest, ...args], {
    cwd: root,
    stdio: ['ignore', ...(live ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
    shell: program === 'npx' && process.platform === 'win32',
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  }
  const status = await new Promise((resolve) => child.on('error', () => resolve(1)).on('close', resolve))
  const seconds = ((Date.now() - started) / 1000).toFixed(0)
  if (!live) process.stdout.write(`\n── ${title}\n${said}`)
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`)
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

async function check(title, command, args) {
  const ok = await run(title, command, args)
  count(ok, step(ok))
  return ok
}

/** All at once: each GPU process of Chromium compiles its shaders on one thread, and Node's tests take the other cores. */
async function unitTests() {
  const projects = ['node*', 'gpu*'].flatMap((project) => ['--project', project])
  const reporters = ['--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json']
  const ok = await run(
    'Unit tests (Node, 16-bit floats, GPU)',
    'vitest',
    ['run', ...projects, ...reporters],
    true,
  )
  count(ok, vitestCounts('unit.json'))
}

async function checks() {
  await check('Format and lint', 'biome', ['check', '--error-on-warnings', '.'])
  await check('Who imports whom', 'scripts/layers.mjs')
  await check('Types', 'scripts/typecheck.mjs')
  // The journeys build the page themselves where it does not stand.
  if (await check('The page', 'vite', ['build', '--logLevel', 'warn'])) process.env.BASIN_BUILT = '1'
}

await Promise.all([checks(), unitTests()])
const journeys = await run('Browser journeys', 'playwright', ['test'], true)
count(journeys, playwrightCounts())

if (skipped)
  console.log(`\n${skipped} skipped: this machine lacks what they need, as said above where they stand`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
