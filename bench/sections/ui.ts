/**
 * The built page in Chromium: what a first visit loads, how soon it shows a curve, whether it stays smooth. The page marks
 * the moment from which it can be used (src/ui/usable.ts); what was asked for before counts as the first load.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { Arena } from '../arena'
import { openBrowser } from '../hosts/chromium'
import { servePage } from '../pageServer'
import { rowOf } from '../report'
import { manyRuns } from './manyRuns'

/** The page's own default preset. */
const FIRST_VISIT = { model: 'first visit', batch: 0, shape: '' }

export async function ui(arena: Arena): Promise<void> {
  arena.say('building the page')
  const folder = mkdtempSync(join(tmpdir(), 'basin-page-'))
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(arena.root, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', folder, '--logLevel', 'error'],
      { cwd: arena.root, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`the page could not be built: ${stderr.trim().slice(0, 200)}`)
    await visit(arena, folder)
    await manyRuns(arena, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function visit(arena: Arena, folder: string): Promise<void> {
  const server = await servePage(folder)
  const hosts = await openBrowser(server.address)
  const add = (name: string, unit: string, value: number) =>
    arena.add([rowOf(FIRST_VISIT, name, unit, value)])
  try {
    arena.say('first visit')
    const page = await hosts.browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.addInitScript(watchLongTasks)
    const opened = performance.now()
    await page.goto(server.address)
    await page.waitForFunction(() => performance.getEntriesByName('basin-usable').length > 0)
    const first = await page.evaluate(firstLoad)
    add('ui_usable_ms', 'ms', first.ms)
    add('ui_first_load_bytes', 'bytes', first.bytes)
    const train = page.getByRole('button', { name: 'Train', exact: true })
    await enabled(page, train)
    await page.locator('.badge').waitFor({ timeout: 60_000 })
    add('ui_ready_ms', 'ms', performance.now() - opened)
    arena.pageDevice(await page.locator('.badge').innerText())
    await page.waitForLoadState('networkidle')
    add('ui_whole_load_bytes', 'bytes', server.bytesSent())
    const before = await longTasks(page)
    const clicked = performance.now()
    await train.click()
    await page.waitForFunction(hasCurvePoint, undefined, { timeout: arena.options.limit * 1000 })
    add('ui_first_curve_ms', 'ms', performance.now() - clicked)
    const watched = performance.now()
    await page.waitForTimeout(arena.options.seconds * 1000)
    const during = (await longTasks(page)).slice(before.length)
    add('ui_long_tasks_per_minute', 'count', (during.length * 60_000) / (performance.now() - watched))
    add('ui_long_task_max_ms', 'ms', Math.max(0, ...during))
    const saving = Number(await page.locator('[data-keeping-share]').getAttribute('data-keeping-share'))
    add('ui_saving_share', 'share', saving)
    // After the curves, the page may have finished: then there is nothing to pause.
    const pause = page.getByRole('button', { name: 'Pause', exact: true })
    if (await pause.isVisible()) {
      const pauseMs = await page.evaluate(pauseReply)
      add('ui_pause_ms', 'ms', pauseMs)
      if (arena.options.wholePreset) await wholePreset(arena, page, clicked)
    } else arena.add([rowOf(FIRST_VISIT, 'ui_pause_ms', 'ms', { error: 'the run was over' })])
  } finally {
    await hosts.close()
    await server.close()
  }
}

/** Resumes the paused run and waits for its end; the few seconds of the pause are in the figure. */
async function wholePreset(arena: Arena, page: Page, clicked: number): Promise<void> {
  const name = 'ui_whole_preset_ms'
  arena.say('the whole preset')
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  try {
    await page.locator('[data-state=finished]').waitFor({ timeout: arena.secondsLeft() * 1000 })
    arena.add([rowOf(FIRST_VISIT, name, 'ms', performance.now() - clicked)])
  } catch {
    const error = `not finished when ${arena.options.minutes} min were over`
    arena.add([rowOf(FIRST_VISIT, name, 'ms', { error })])
  }
}

async function enabled(page: Page, button: ReturnType<Page['getByRole']>): Promise<void> {
  await button.waitFor({ timeout: 60_000 })
  while (await button.isDisabled()) await page.waitForTimeout(20)
}

/** Runs in the page: when it could be used, and the compressed bytes of what it had asked for by then. */
function firstLoad(): { ms: number; bytes: number } {
  const [{ startTime: ms }] = performance.getEntriesByName('basin-usable')
  const asked = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  const before = (asked as PerformanceResourceTiming[]).filter(({ startTime }) => startTime < ms)
  return { ms, bytes: before.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) }
}

/** Runs in the page. Tasks over 50 ms, in ms. */
function watchLongTasks(): void {
  const tasks: number[] = []
  Object.assign(window, { longTasks: tasks })
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  }).observe({ type: 'longtask', buffered: true })
}

const longTasks = (page: Page) =>
  page.evaluate(() => [...(window as unknown as { longTasks: number[] }).longTasks])

/** Runs in the page: whether a line of a figure has points. */
function hasCurvePoint(): boolean {
  const lines = document.querySelectorAll('.curve-sgd path, .curve-sam path')
  return [...lines].some((line) => (line.getAttribute('d') ?? '').length > 0)
}

/** Runs in the page: ms from the click to the state. */
function pauseReply(): Promise<number> {
  const buttons = [...document.querySelectorAll('button')]
  const pause = buttons.find((button) => button.textContent?.trim() === 'Pause')
  const started = performance.now()
  return new Promise((resolve) => {
    const look = new MutationObserver(() => {
      if (!document.querySelector('[data-state=paused]')) return
      look.disconnect()
      resolve(performance.now() - started)
    })
    look.observe(document.body, { subtree: true, attributes: true, childList: true })
    pause?.click()
  })
}
