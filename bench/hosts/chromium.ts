/** Contestants as workers of one page in headless Chromium, which is where Basin's own training runs. */
import { type Browser, chromium, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/chromium.mjs'
import { Host } from './host'

export interface BrowserHosts {
  start(name: string, script: string): Promise<Host>
  browser: Browser
  close(): Promise<void>
}

/** @param address of a page that the bench serves; anything on localhost may use WebGPU */
export async function openBrowser(address: string): Promise<BrowserHosts> {
  const executablePath = findChromium({ whole: true })
  if (!executablePath) throw new Error('no Chromium: name one in CHROMIUM_PATH')
  // A machine with a GPU names its own flags: --use-webgpu-adapter=swiftshader is for those without.
  const args = process.env.BENCH_CHROMIUM_ARGS?.split(' ') ?? CHROMIUM_ARGS
  const browser = await chromium.launch({ executablePath, args })
  return {
    browser,
    async start(name, script) {
      // One page each: closing it ends the worker, whatever it is doing.
      const page = await browser.newPage()
      await page.goto(address)
      await page.evaluate(startWorker, script)
      return new Host(name, {
        call: (method, args) => page.evaluate(callWorker, { method, args }),
        close: () => closePage(page),
      })
    },
    close: () => browser.close(),
  }
}

async function closePage(page: Page): Promise<void> {
  await page.evaluate(() => (window as unknown as Wired).bench.worker.terminate()).catch(() => {})
  await page.close()
}

interface Wired {
  bench: {
    worker: Worker
    next: number
    waiting: Map<number, (reply: { value?: unknown; error?: string }) => void>
  }
}

/** Runs in the page. */
function startWorker(script: string): void {
  const worker = new Worker(script, { type: 'module' })
  const bench: Wired['bench'] = { worker, next: 0, waiting: new Map() }
  worker.onmessage = ({ data }) => {
    bench.waiting.get(data.id)?.(data)
    bench.waiting.delete(data.id)
  }
  worker.onerror = ({ message }) => {
    for (const settle of bench.waiting.values()) settle({ error: `worker: ${message}` })
    bench.waiting.clear()
  }
  Object.assign(window, { bench })
}

/** Runs in the page. */
function callWorker({ method, args }: { method: string; args: unknown[] }): Promise<unknown> {
  const { bench } = window as unknown as Wired
  return new Promise((resolve, reject) => {
    const id = bench.next++
    bench.waiting.set(id, ({ value, error }) =>
      error === undefined ? resolve(value) : reject(new Error(error)),
    )
    bench.worker.postMessage({ id, method, args })
  })
}
