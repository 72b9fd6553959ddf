/**
 * The page stays smooth while the worker trains: no task on its thread works for 50 ms. The browser's own long-task
 * entries tell of such tasks in wall-clock time; on a busy machine they also tell of tasks that merely had to wait
 * for a core. So the time a task really worked, which the browser's trace has, decides.
 */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { address, button, expect, expectState, test } from './lab'

const LIMIT_MS = 50
const WATCH_MS = 12_000

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Microseconds of work. */
  tdur?: number
  args: { name?: string }
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

/** Work of every task of the page's main thread, in ms, longest first. */
function taskTimes(events: TraceEvent[]): number[] {
  const isMain = (event: TraceEvent) => event.name === 'thread_name' && event.args.name === 'CrRendererMain'
  const threads = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`))
  return events
    .filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => b - a)
}

test('no task of the page’s own works for 50 ms while it trains', async ({ page, browser }, testInfo) => {
  await page.goto(address())
  await expect(button(page, 'Train')).toBeEnabled()
  await button(page, 'Train').click()
  await expectState(page, 'training')
  // Charts load their library when the first two points are there.
  await expect(page.locator('.recharts-surface').first()).toBeVisible()
  const longTasks = await watchLongTasks(page)
  const path = testInfo.outputPath('trace.json')
  await browser.startTracing(page, { path, categories: ['disabled-by-default-devtools.timeline'] })
  await page.waitForTimeout(WATCH_MS)
  await browser.stopTracing()
  const seen = await longTasks()
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')

  const trace = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] }
  const times = taskTimes(trace.traceEvents)
  expect(times.length).toBeGreaterThan(10)
  const told = `long tasks by the clock: ${seen.map(Math.round).join(', ') || 'none'}`
  expect(
    times.filter((ms) => ms > LIMIT_MS),
    told,
  ).toEqual([])
})
