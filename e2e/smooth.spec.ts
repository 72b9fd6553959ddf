/**
 * The page stays smooth while the worker trains: no task on its thread lasts 50 ms, told by the browser's own long-task
 * entries. These count by the clock on the wall: where all cores train (SwiftShader takes as many as there are), a
 * task also lasts while it waits for a core. How much of its time a task really worked is in the browser's trace. So a
 * long task is forgiven only where the trace proves that the thread had no core for most of it, and worked little.
 */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { address, button, expect, expectState, test } from './lab'

const LIMIT_MS = 50
/** A task that worked longer than this is too long whatever it waited for. */
const WORK_MS = 20
const WATCH_MS = 12_000

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Microseconds, by the clock and of work. */
  dur?: number
  tdur?: number
  args: { name?: string; data?: { frames?: { processId: number }[] } }
}

interface Task {
  lasted: number
  worked: number
}

async function watchLongTasks(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const found: number[] = []
    Object.assign(window, { found })
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) found.push(duration)
    })
    observer.observe({ type: 'longtask' })
  })
  return () => page.evaluate(() => (window as unknown as { found: number[] }).found)
}

/** The tasks of the page's main thread, in ms, those that worked longest first. */
function tasksOf(events: TraceEvent[]): Task[] {
  // Other pages of the browser stand still, but their garbage is collected all the same.
  const pages = events.flatMap(({ name, args }) =>
    name === 'TracingStartedInBrowser' ? (args.data?.frames ?? []).map(({ processId }) => processId) : [],
  )
  const isMain = ({ name, args, pid }: TraceEvent) =>
    name === 'thread_name' && args.name === 'CrRendererMain' && pages.includes(pid)
  const threads = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`))
  return events
    .filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid} ${tid}`))
    .map(({ dur = 0, tdur = 0 }) => ({ lasted: dur / 1000, worked: tdur / 1000 }))
    .sort((a, b) => b.worked - a.worked)
}

test.use({ newBrowser: true })

test('no task of the page’s own lasts 50 ms while it trains', async ({ page, browser }, testInfo) => {
  await page.goto(address())
  await expect(button(page, 'Train')).toBeEnabled()
  await button(page, 'Train').click()
  await expectState(page, 'training')
  await expect(page.locator('.recharts-surface').first()).toBeVisible()
  const path = testInfo.outputPath('trace.json')
  await browser.startTracing(page, { path, categories: ['disabled-by-default-devtools.timeline'] })
  const longTasks = await watchLongTasks(page)
  await page.waitForTimeout(WATCH_MS)
  const seen = await longTasks()
  await browser.stopTracing()
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')

  const trace = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] }
  const tasks = tasksOf(trace.traceEvents)
  expect(tasks.length).toBeGreaterThan(10)
  const told = tasks
    .slice(0, 5)
    .map(({ lasted, worked }) => `${worked.toFixed(1)} of ${lasted.toFixed(0)} ms`)
    .join(', ')
  testInfo.annotations.push({
    type: 'long tasks',
    description: `${seen.map(Math.round).join(', ') || 'none'}; most work: ${told}`,
  })
  expect(
    tasks.filter(({ worked }) => worked > WORK_MS),
    `most work: ${told}`,
  ).toEqual([])
  const starved = tasks.filter(({ lasted, worked }) => lasted > LIMIT_MS && worked < lasted / 2)
  expect(
    seen.filter((ms) => ms > LIMIT_MS).length,
    `long tasks ${seen.map(Math.round).join(', ')} ms; ${starved.length} waited for a core`,
  ).toBeLessThanOrEqual(starved.length)
})
