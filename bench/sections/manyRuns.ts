/**
 * The Runs page over a thousand kept runs of 200 settings: from the click on its link to the lines of the table, and from
 * the click on a column's head to the sorted ones.
 */
import type { Page } from '@playwright/test'
import { DEFAULT_CONFIG } from '../../src/core/config/schema'
import { RUN_FORMAT, type RunRecord } from '../../src/core/library/record'
import type { Arena } from '../arena'
import { openBrowser } from '../hosts/chromium'
import { servePage } from '../pageServer'
import { rowOf } from '../report'

const RUNS = 1000
const SEEDS = 5

export async function manyRuns(arena: Arena, folder: string): Promise<void> {
  const server = await servePage(folder)
  const hosts = await openBrowser(server.address)
  const of = { model: `${RUNS} runs`, batch: 0, shape: '' }
  const add = (name: string, ms: number) => arena.add([rowOf(of, name, 'ms', ms)])
  try {
    arena.say(`the Runs page with ${RUNS} runs`)
    const page = await hosts.browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(`${server.address}#runs`)
    await page.getByText('No run is kept here yet').waitFor()
    await page.evaluate(
      keep,
      Array.from({ length: RUNS }, (_, i) => JSON.stringify(recordOf(i))),
    )
    await page.goto(server.address)
    await page.getByRole('button', { name: 'Train', exact: true }).waitFor()
    add('ui_runs_page_ms', await page.evaluate(untilLine, ['a[href="#runs"]', '.runs-table tbody th']))
    add('ui_runs_sort_ms', await sorted(page))
  } finally {
    await hosts.close()
    await server.close()
  }
}

/** By test error: then another group stands first. */
async function sorted(page: Page): Promise<number> {
  const first = await page.locator('.runs-table tbody th .cell-text').first().getAttribute('title')
  return page.evaluate(untilOther, first ?? '')
}

/** Runs in the page. */
function untilOther(before: string): Promise<number> {
  const started = performance.now()
  document.querySelector<HTMLElement>('th[data-column="testError"] button')?.click()
  return new Promise((resolve) => {
    const look = () => {
      const now = document.querySelector('.runs-table tbody th .cell-text')?.getAttribute('title')
      if (now && now !== before) resolve(performance.now() - started)
      else requestAnimationFrame(look)
    }
    look()
  })
}

function recordOf(i: number): RunRecord {
  const [group, run_seed] = [Math.floor(i / SEEDS), i % SEEDS]
  const config = { ...DEFAULT_CONFIG, runs: '', run_seed, sam_rho: group / 1000 }
  const time = new Date(Date.UTC(2026, 0, 1) + 60_000 * i).toISOString()
  const testErrorRate = 0.1 + ((group * 37) % 100) / 1000 + run_seed / 10_000
  return {
    format: RUN_FORMAT,
    id: `run-${String(i).padStart(4, '0')}`,
    name: `run-${i}`,
    notes: '',
    pinned: false,
    hidden: false,
    experiment: 'bench',
    key: 'sam',
    label: 'SAM',
    config,
    session: config,
    version: 'bench',
    device: 'bench',
    created: time,
    updated: time,
    state: 'finished',
    step: 100,
    stepsPerEpoch: 10,
    totalSteps: 100,
    numParams: 1,
    data: { numTrain: 1, numTest: 1, numClasses: 1, classNames: ['a'], numWrongLabels: 0 },
    last: { gradientEvaluations: 200, seconds: 1, gap: 0.1 },
    evaluation: { testErrorRate },
    bestTestErrorRate: testErrorRate,
  }
}

/** Runs in the page: records straight into the database that the page has opened. */
async function keep(records: string[]): Promise<void> {
  const opening = indexedDB.open('basin-runs')
  await new Promise((done) => {
    opening.onsuccess = done
  })
  const transaction = opening.result.transaction(['files', 'parts'], 'readwrite')
  for (const record of records) {
    const key = `${JSON.parse(record).id}/run.json`
    const bytes = new TextEncoder().encode(record)
    transaction.objectStore('files').put({ parts: 1, bytes: bytes.length }, key)
    transaction.objectStore('parts').put(bytes, [key, 0])
  }
  await new Promise((done) => {
    transaction.oncomplete = done
  })
  opening.result.close()
}

/** Runs in the page: ms from the click to what it shows. */
function untilLine([link, line]: string[]): Promise<number> {
  const started = performance.now()
  document.querySelector<HTMLElement>(link)?.click()
  return new Promise((resolve) => {
    const look = () =>
      document.querySelector(line) ? resolve(performance.now() - started) : requestAnimationFrame(look)
    look()
  })
}
