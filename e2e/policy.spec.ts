/** The page under the headers of `npm start`: they are all there, the docs show the same, and nothing is refused by them. */
import { readdir, readFile } from 'node:fs/promises'
import { packTar } from 'modern-tar'
import { mergeConfig, type PreviewServer, preview } from 'vite'
import { HEADERS, KEPT_FOR_EVER, PAGE_POLICY } from '../scripts/headers.mjs'
import site from '../vite.config'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

const PORT = Number(process.env.BASIN_TEST_PORT ?? 4179) + 2
const POLICY = 'Content-Security-Policy'

/**
 * The built page with one directive more: browsers send what the policy refuses here, of pages and of workers alike,
 * also what a library tries and survives, as zod did with `new Function('')`.
 */
async function serveWithReports(refused: string[]): Promise<PreviewServer> {
  const headers = { ...HEADERS, [POLICY]: `${HEADERS[POLICY]}; report-uri /refused` }
  const reports = {
    name: 'reports',
    configurePreviewServer({ middlewares }: PreviewServer) {
      middlewares.use('/refused', async (request, response) => {
        let body = ''
        for await (const part of request) body += part
        const {
          'document-uri': at,
          'effective-directive': rule,
          'blocked-uri': what,
        } = JSON.parse(body)['csp-report']
        refused.push(`${new URL(at).pathname.replace(/-[\w-]{8}\.js$/, '')}: ${rule} refuses ${what}`)
        response.end()
      })
    },
  }
  const extra = { preview: { port: PORT, strictPort: true, headers }, plugins: [reports] }
  return preview({ ...mergeConfig(site, extra), configFile: false, logLevel: 'error' })
}

test.use({ newBrowser: true })

test('every answer carries the headers', async ({ page }) => {
  const scripts: string[] = []
  page.context().on('response', (response) => {
    if (/worker.*\.js$/.test(response.url())) scripts.push(response.url())
  })
  await page.goto(address())
  await expectState(page, 'idle')
  const paths = ['./', './datasets/fashion_mnist/manifest.json', './datasets/fashion_mnist/train-00.bin.gz']
  // Workers start once the page can be used.
  await expect.poll(() => scripts.length).toBeGreaterThan(0)
  for (const path of [...paths, ...scripts]) {
    const answer = await page.request.get(path)
    // Also one that says "not modified": WebKit starts no worker from one without them.
    const known = await page.request.get(path, { headers: { 'If-None-Match': answer.headers().etag } })
    expect(known.status(), path).toBe(304)
    for (const sent of [answer.headers(), known.headers()]) {
      for (const [name, value] of Object.entries(HEADERS)) {
        expect(sent[name.toLowerCase()], `${name} of ${path}`).toBe(value)
      }
    }
    const kept = scripts.includes(path) ? KEPT_FOR_EVER : 'no-cache'
    expect(answer.headers()['cache-control'], path).toBe(kept)
  }
  const missing = await page.request.get('./assets/none-12345678.js')
  expect(missing.status()).toBe(404)
  expect(missing.headers()['cache-control']).not.toBe(KEPT_FOR_EVER)
  expect(HEADERS[POLICY]).not.toContain("'unsafe-eval'")
  expect(HEADERS[POLICY]).toContain("frame-ancestors 'none'")
  expect(PAGE_POLICY).not.toMatch(/frame-ancestors|eval/)
})

test('the examples for other hosts say the same', async () => {
  const docs = await readFile('docs/hosting.md', 'utf8')
  for (const [name, value] of Object.entries(HEADERS)) {
    expect(docs).toContain(`add_header ${name} "${value}" always;`)
    expect(docs).toContain(`\n  ${name}: ${value}\n`)
  }
  expect(docs).toContain(`~^/assets/ "${KEPT_FOR_EVER}";`)
  expect(docs).toContain(`\n/assets/*\n  Cache-Control: ${KEPT_FOR_EVER}\n`)
})

/** One picture for each decoder, and each of them WebAssembly. */
async function pictures(): Promise<Buffer> {
  const files = ['plain.jpg', 'plain.png', 'plain.webp'].flatMap((file) =>
    ['train/cat', 'train/dog', 'test/cat', 'test/dog'].map((name) => ({ name: `${name}/${file}`, file })),
  )
  const entries = files.map(async ({ name, file }) => {
    const body = new Uint8Array(await readFile(`src/core/data/import/goldens/${file}`))
    return { header: { name, size: body.length }, body }
  })
  return Buffer.from(await packTar(await Promise.all(entries)))
}

/** What zod did, from outside of the try that Playwright itself makes. */
const tryFunction = () =>
  new Promise<void>((resolve) =>
    setTimeout(() => {
      try {
        new Function('')
      } catch {}
      resolve()
    }),
  )

test('no chunk takes anything from a worker’s own script, which WebKit would run again', async () => {
  const scripts = (await readdir('dist/assets')).filter((name) => name.endsWith('.js'))
  expect(scripts.filter((name) => name.startsWith('lab.worker'))).toHaveLength(1)
  for (const name of scripts) {
    expect(await readFile(`dist/assets/${name}`, 'utf8'), name).not.toMatch(/from ?"\.\/\w+\.worker-/)
  }
})

test('import, training and a surface break no rule, in the page nor in its workers', async ({ page }) => {
  const refused: string[] = []
  const server = await serveWithReports(refused)
  try {
    await page.goto(`http://127.0.0.1:${PORT}/${address({ ...SMALL_RUN, num_epochs: '1' })}#data`)
    const buffer = await pictures()
    const files = { name: 'animals.tar', mimeType: 'application/x-tar', buffer }
    await page.getByLabel('Data files').setInputFiles(files)
    await expect(page.getByText(/6 training and 6 test images/)).toBeVisible()
    await button(page, 'Import').click()
    await expect(page.getByText(/animals is imported/)).toBeVisible()

    await page.getByRole('link', { name: 'Train', exact: true }).click()
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
    await page.getByRole('link', { name: 'Landscape' }).click()
    await page.locator('[name=num_images]').fill('128')
    await page.locator('[name=points_2d]').fill('3')
    await button(page, 'Compute 2-D slice').click()
    await expect(page.locator('.basins canvas').first()).toBeVisible()
    await expect(button(page, 'Compute 2-D slice')).toBeEnabled({ timeout: 60_000 })
    await page.getByText('WebGL', { exact: true }).click()
    await expect(page.locator('.js-plotly-plot canvas').first()).toBeVisible()

    // Reports come late, in order: these two end what was sent before, and show that one would have been seen.
    const worker = page.workers().find((one) => /lab\.worker/.test(one.url()))
    await worker!.evaluate(tryFunction)
    await page.evaluate(tryFunction)
    await expect
      .poll(() => refused.toSorted())
      .toEqual(['/: script-src refuses eval', '/assets/lab.worker: script-src refuses eval'])
  } finally {
    await server.close()
  }
})
