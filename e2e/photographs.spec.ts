/** Photographs: stored as JPEGs by the page's own codecs, the same bytes as in the terminal; and no room for them. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { packTar } from 'modern-tar'
import { address, button, expect, expectState, SMALL_RUN, test, unfold } from './lab'

const GOLDENS = ['src/core/data/import/goldens', 'src/platform/goldens']
/** Every kind that is read: baseline, turned by EXIF, progressive, grey, CMYK, and other formats. */
const PICTURES = [
  [0, 'plain.jpg'],
  [0, 'rotated.jpg'],
  [0, 'progressive.jpg'],
  [0, 'grey.jpg'],
  [0, 'cmyk.jpg'],
  [0, 'plain.png'],
  [0, 'plain.webp'],
  [1, 'cmyk.jpg'],
  [1, 'two.gif'],
  [1, 'odd.bmp'],
  [1, 'alpha.png'],
] as const

async function archive(): Promise<Buffer> {
  const files: { name: string; body: Uint8Array }[] = []
  for (const [folder, file] of PICTURES) {
    const body = new Uint8Array(await readFile(join(GOLDENS[folder], file)))
    for (const split of ['train', 'test'])
      for (const kind of ['猫', 'собака']) files.push({ name: `${split}/${kind}/${folder}-${file}`, body })
  }
  const cut = files[0].body.subarray(0, files[0].body.length - 2)
  files.push({ name: 'train/猫/cut.jpg', body: cut })
  const entries = files.map(({ name, body }) => ({ header: { name, size: body.length }, body }))
  return Buffer.from(await packTar(entries))
}

/** The set's record as IndexedDB has it. */
const recordOf = (page: Page, name: string) =>
  page.evaluate(
    (key) =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open('basin')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const asking = opening.result.transaction('shards').objectStore('shards').get(key)
          asking.onsuccess = async () => {
            opening.result.close()
            resolve(await new Blob([asking.result]).text())
          }
        }
      }),
    `dataset/${name}`,
  )

test('JPEGs of the page are those of the terminal; they are looked at and trained on', async ({ page }) => {
  test.setTimeout(240_000)
  const buffer = await archive()
  await page.goto('./#data')
  await page
    .getByLabel('Data files')
    .setInputFiles({ name: 'animals.tar', mimeType: 'application/x-tar', buffer })
  await expect(page.getByText(/23 training and 22 test images of 2 classes/)).toBeVisible()
  await page.getByLabel('Stored as').selectOption('jpeg')
  await expect(page.getByText(/at most, as JPEGs/)).toBeVisible()
  await button(page, 'Import').click()
  await expect(page.getByText(/animals is imported/)).toBeVisible()
  const record = JSON.parse(await recordOf(page, 'animals'))
  expect(record.skipped).toEqual([{ path: 'train/猫/cut.jpg', reason: 'ends early' }])
  expect(record.manifest.encoding).toBe('jpeg')

  const folder = await mkdtemp(join(tmpdir(), 'basin-'))
  try {
    const file = join(folder, 'animals.tar')
    await writeFile(file, buffer)
    await promisify(execFile)(
      process.execPath,
      ['scripts/cli.mjs', 'data', 'import', file, '--store', 'jpeg'],
      {
        env: { ...process.env, BASIN_DATA: folder },
      },
    )
    const own = JSON.parse(await readFile(join(folder, 'dataset', 'animals'), 'utf8'))
    // The same pixels in, the same bytes out: shard by shard, and of every image.
    expect(record.manifest).toEqual(own.manifest)
    expect(record.index).toEqual(own.index)
  } finally {
    await rm(folder, { recursive: true })
  }

  await button(page, 'Browse animals').click()
  await expect(page.getByRole('button', { name: /^猫, image \d+$/ }).first()).toBeVisible()
  await page
    .getByRole('button', { name: /^猫, image \d+$/ })
    .first()
    .click()
  await expect(page.getByRole('img', { name: /猫 under basic/ })).toBeVisible()

  const run = { ...SMALL_RUN, dataset: 'animals', batch_size: '8', num_train_examples: '', num_epochs: '3' }
  await page.goto(address(run))
  await unfold(page, 'Data and training')
  await expect(page.locator('[name=dataset]')).toHaveValue('animals')
  await button(page, 'Train').click()
  await expectState(page, 'finished', 120_000)
})

test('what cannot fit is said before anything is written', async ({ page }) => {
  // The browser's estimate, as on a full disk: asked in the worker, where no test reaches but through its script.
  await page.route(/data\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch()
    const body = `navigator.storage.estimate = async () => ({ quota: 1_000_000, usage: 990_000 });\n${await response.text()}`
    await route.fulfill({ response, body })
  })
  const buffer = await archive()
  await page.goto('./#data')
  await page
    .getByLabel('Data files')
    .setInputFiles({ name: 'animals.tar', mimeType: 'application/x-tar', buffer })
  await button(page, 'Import').click()
  await expect(page.getByText(/needs \d+ KiB of storage, and 9\.8 KiB are free/)).toBeVisible()
  await expect(page.getByText(/Nothing was written/)).toBeVisible()
  const keys = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const opening = indexedDB.open('basin')
        opening.onsuccess = () => {
          const asking = opening.result.transaction('shards').objectStore('shards').getAllKeys()
          asking.onsuccess = () => resolve(asking.result.map(String))
        }
      }),
  )
  expect(keys.filter((key) => /^(import|dataset)\//.test(key))).toEqual([])
})
