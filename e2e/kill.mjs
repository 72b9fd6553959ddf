// Kills the browser at random moments of a run, opens it again, goes on, and looks whether anything is damaged:
//   npm run build && node e2e/kill.mjs [TIMES]
// Prints a line a kill and the count; the exit code is 1 where something was lost that was kept.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { preview } from 'vite'
import { CHROMIUM_ARGS, findChromium } from '../scripts/chromium.mjs'

const TIMES = Number(process.argv[2] ?? 20)
const RUN = '?num_train_examples=512&num_eval_examples=256&mlp_layers=32&num_epochs=4000'
const SECONDS = 120

/** A browser of its own with a folder that outlives it. */
async function browserOn(folder) {
  rmSync(join(folder, 'DevToolsActivePort'), { force: true })
  const child = spawn(
    findChromium(),
    [
      ...CHROMIUM_ARGS,
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      'about:blank',
    ],
    { detached: true, stdio: 'ignore' },
  )
  for (let i = 0; i < 300; i++) {
    await wait(100)
    try {
      const [port] = readFileSync(join(folder, 'DevToolsActivePort'), 'utf8').split('\n')
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
      const page = await browser.contexts()[0].newPage()
      const errors = []
      page.on('pageerror', (error) => errors.push(String(error)))
      // The browser with all its processes, as a power cut would.
      const kill = () => process.kill(-child.pid, 'SIGKILL')
      return { page, errors, kill }
    } catch {
      // Not there yet.
    }
  }
  throw new Error('no browser')
}

const state = (page, name) => page.locator(`[data-state=${name}]`).waitFor({ timeout: SECONDS * 1000 })
const click = (page, name) => page.getByRole('button', { name, exact: true }).click()
const keptStep = async (page) => Number(await page.locator('[data-kept-step]').getAttribute('data-kept-step'))
const progress = async (page) =>
  Number(await page.getByRole('progressbar').last().getAttribute('aria-valuenow'))

async function keptBeyond(page, step) {
  const end = Date.now() + SECONDS * 1000
  while (!((await keptStep(page).catch(() => 0)) > step)) {
    if (Date.now() > end) throw new Error(`not kept beyond step ${step}`)
    await wait(100)
  }
  return keptStep(page)
}

/** What the page says of damage, anywhere. */
const complaints = async (page) =>
  (await page.getByRole('alert').allInnerTexts()).filter((text) => text.trim())

const server = await preview({ preview: { port: 0, host: '127.0.0.1' } })
const address = server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0]
const folder = mkdtempSync(join(tmpdir(), 'basin-kill-'))
let whole = 0
let kept = 0
try {
  for (let i = 0; i <= TIMES; i++) {
    const { page, errors, kill } = await browserOn(folder)
    try {
      await page.goto(address + RUN)
      if (i === 0) await click(page, 'Train')
      else {
        await state(page, 'interrupted')
        const stood = await progress(page)
        const wrong = [...(await complaints(page)), ...errors]
        const ok = stood >= kept && wrong.length === 0
        if (ok) whole++
        console.log(
          `${i}: kept up to ${kept}, stands at ${stood}${ok ? '' : ` — ${wrong.join('; ') || 'LOST'}`}`,
        )
        if (i === TIMES) break
        await click(page, 'Continue')
      }
      await state(page, 'training')
      kept = await keptBeyond(page, kept)
      await wait(Math.random() * 4000)
      kept = await keptStep(page)
    } finally {
      kill()
      await wait(500)
    }
  }
} finally {
  await server.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
}
console.log(`${whole} of ${TIMES} kills: opened again, gone on, nothing damaged.`)
process.exit(whole === TIMES ? 0 : 1)
