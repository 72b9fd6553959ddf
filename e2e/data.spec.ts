/** Data: an official archive is dropped, imported, looked at, trained on; imports that end early leave nothing half. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { gzipSync, zipSync } from 'fflate'
import { packTar } from 'modern-tar'
import { expectAccessible } from './axe'
import { address, button, expect, expectState, SMALL_RUN, test, unfold } from './lab'

/** CIFAR-10's binary layout: records of a label and three planes; a class is a brightness, so that it can be learned. */
function batch(images: number): Uint8Array {
  const bytes = new Uint8Array(images * 3073)
  for (let i = 0; i < images; i++) {
    const label = i % 10
    bytes[i * 3073] = label
    for (let k = 1; k < 3073; k++) bytes[i * 3073 + k] = 20 * label + ((i * 31 + k * 17) % 40)
  }
  return bytes
}

async function archive(images: number): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const files = {
    'cifar-10-batches-bin/data_batch_1.bin': batch(images),
    'cifar-10-batches-bin/test_batch.bin': batch(100),
  }
  const packed = await packTar(
    Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length }, body })),
  )
  // Not compressed: reading is what takes time, as with real images.
  const buffer = Buffer.from(gzipSync(packed, { level: 0 }))
  return { name: 'cifar-10-binary.tar.gz', mimeType: 'application/gzip', buffer }
}

async function pick(page: Page, images: number): Promise<void> {
  await page.getByLabel('Data files').setInputFiles(await archive(images))
  await expect(button(page, 'Import anyway')).toBeVisible()
}

/** A PNG codec whose `decode` goes round for ever: WebAssembly of a memory, `decode` and `__wbindgen_malloc`. */
const ENDLESS_PNG = Buffer.concat([
  Buffer.from('0061736d01000000' + '010c0260027f7f0060027f7f017f' + '0303020001' + '0503010010', 'hex'),
  // Exports: names with their lengths before them.
  Buffer.from([7, 39, 3, 6, ...Buffer.from('memory'), 2, 0, 6, ...Buffer.from('decode'), 0, 0]),
  Buffer.from([17, ...Buffer.from('__wbindgen_malloc'), 0, 1]),
  // loop br 0 end; i32.const 1024
  Buffer.from('0a0f02' + '070003400c000b0b' + '050041800' + '80b', 'hex'),
])

/** Keys of the imported sets' records and shards. */
const storedKeys = (page: Page): Promise<string[]> =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open('basin')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const asking = opening.result.transaction('shards').objectStore('shards').getAllKeys()
          asking.onsuccess = () => {
            opening.result.close()
            resolve(asking.result.map(String).filter((key) => /^(import|dataset)\//.test(key)))
          }
        }
      }),
  )

/** Writes a value into the page's database. */
const store = (page: Page, key: string, value: string): Promise<void> =>
  page.evaluate(
    ([key, value]) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('basin')
        opening.onsuccess = () => {
          const writing = opening.result.transaction('shards', 'readwrite')
          writing.objectStore('shards').put(new TextEncoder().encode(value), key)
          writing.oncomplete = () => {
            opening.result.close()
            resolve()
          }
        }
      }),
    [key, value],
  )

test('an archive is dropped, said to differ, imported, browsed, trained on, deleted', async ({ page }) => {
  test.setTimeout(240_000)
  await page.goto('./#data')
  await expect(page.getByRole('heading', { name: 'Fashion-MNIST', exact: true })).toBeVisible()
  const { name, buffer } = await archive(600)
  const transfer = await page.evaluateHandle(
    ([title, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], title))
      return data
    },
    [name, buffer.toString('base64')],
  )
  await page.locator('.drop-zone').dispatchEvent('drop', { dataTransfer: transfer })
  await expect(page.getByText('This is not the official archive')).toBeVisible()
  await expect(page.getByText(/c4a38c50a1bc5f3a/)).toBeVisible()
  await button(page, 'Import anyway').click()
  await expect(page.getByText(/cifar10 is imported/)).toBeVisible()
  await expect(page.getByText('600 training and 100 test images, 32 × 32 × 3, 10 classes')).toBeVisible()

  await button(page, 'Browse CIFAR-10').click()
  await page.getByRole('button', { name: 'bird, image 3', exact: true }).click()
  await expect(page.getByRole('img', { name: /bird under basic/ })).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page, `a data set, ${colorScheme}`, { coloursAlone: colorScheme === 'dark' })
  }
  await page.setViewportSize({ width: 390, height: 844 })
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  await page.setViewportSize({ width: 1440, height: 900 })

  await page.goto(address({ ...SMALL_RUN, dataset: 'cifar10', use_test_set: 'false' }))
  await unfold(page, 'Data and training')
  await expect(page.locator('[name=dataset]')).toHaveValue('cifar10')
  await button(page, 'Train').click()
  await expectState(page, 'finished', 120_000)

  await page.goto('./#data')
  await button(page, 'Delete CIFAR-10').click()
  await button(page, 'Delete').click()
  await expect(page.getByText('cifar10 is deleted.')).toBeVisible()
  expect(await storedKeys(page)).toEqual([])
})

test('a cancelled and a killed import leave nothing; the next one is whole', async ({ page, context }) => {
  await page.goto('./#data')
  await pick(page, 8000)
  await button(page, 'Import anyway').click()
  // Without waiting for it to stand still: a fast import would be over.
  await button(page, 'Cancel').dispatchEvent('click')
  await expect(button(page, 'Import anyway')).toBeVisible()
  expect(await storedKeys(page)).toEqual([])

  // Shards as a tab leaves them that was killed half way: no record names them.
  await store(page, 'import/killed/train-0-00000.bin', 'pixels')
  await button(page, 'Import anyway').click()
  await expect.poll(() => storedKeys(page)).not.toEqual([])
  await page.close({ runBeforeUnload: false })

  const next = await context.newPage()
  await next.goto('./#data')
  await expect(next.getByRole('heading', { name: 'Fashion-MNIST', exact: true })).toBeVisible()
  await expect
    .poll(async () => {
      const keys = await storedKeys(next)
      // Either nothing, or (the kill came late) a whole set.
      return keys.length === 0 || keys.includes('dataset/cifar10')
    })
    .toBe(true)
  await pick(next, 600)
  await button(next, 'Import anyway').click()
  await expect(next.getByText(/cifar10 is imported/)).toBeVisible()
  const keys = await storedKeys(next)
  expect(keys.filter((key) => key.startsWith('dataset/'))).toEqual(['dataset/cifar10'])
  expect(new Set(keys.filter((key) => key.startsWith('import/')).map((key) => key.split('/')[1])).size).toBe(
    1,
  )
})

test('a damaged set is listed, does not stop the sweep, and is deleted; its files are imported again', async ({
  page,
}) => {
  await page.goto('./#data')
  await pick(page, 600)
  await button(page, 'Import anyway').click()
  await expect(page.getByText(/cifar10 is imported/)).toBeVisible()
  await store(page, 'dataset/cifar10', '{"format":1,"manifest":')
  await store(page, 'import/killed/train-0-00000.bin', 'pixels of a killed import')
  await page.reload()
  await expect(page.getByText('cifar10: the record of this data set cannot be read')).toBeVisible()
  await expect.poll(() => storedKeys(page)).not.toContain('import/killed/train-0-00000.bin')
  await expectAccessible(page, 'a damaged set')
  await button(page, 'Delete cifar10, damaged').click()
  await button(page, 'Delete').click()
  await expect(page.getByText('cifar10 is deleted.')).toBeVisible()
  expect(await storedKeys(page)).toEqual([])
  await pick(page, 600)
  await button(page, 'Import anyway').click()
  await expect(page.getByText('600 training and 100 test images, 32 × 32 × 3, 10 classes')).toBeVisible()
})

test('the name of an official set is refused in the form, and the import keeps its own', async ({ page }) => {
  await page.goto('./#data')
  await pick(page, 600)
  await page.locator('[name=import_name]').fill('fashion_mnist')
  await page.locator('[name=import_name]').blur()
  await expect(page.getByText(/official data set.*got "fashion_mnist".*another name/)).toBeVisible()
  await button(page, 'Import anyway').click()
  await expect(page.getByText(/cifar10 is imported/)).toBeVisible()
  expect((await storedKeys(page)).filter((key) => key.startsWith('dataset/'))).toEqual(['dataset/cifar10'])
})

test('two tabs import one after the other', async ({ page, context }) => {
  const other = await context.newPage()
  for (const tab of [page, other]) {
    await tab.goto('./#data')
    await pick(tab, 3000)
  }
  await Promise.all([page, other].map((tab) => button(tab, 'Import anyway').click()))
  for (const tab of [page, other]) await expect(tab.getByText(/cifar10 is imported/)).toBeVisible()
  const keys = await storedKeys(page)
  expect(keys.filter((key) => key.startsWith('dataset/'))).toEqual(['dataset/cifar10'])
  expect(new Set(keys.filter((key) => key.startsWith('import/')).map((key) => key.split('/')[1])).size).toBe(
    1,
  )
})

test.describe('a codec', () => {
  test.use({ expectedErrors: [/404/] })

  /** A few PNGs in two classes, picked. */
  async function pickPictures(page: Page): Promise<void> {
    const png = readFileSync('src/core/data/import/goldens/plain.png')
    const files = Object.fromEntries(['a/1', 'a/2', 'b/1', 'b/2'].map((name) => [`set/${name}.png`, png]))
    const buffer = Buffer.from(zipSync(files, { level: 0 }))
    await page
      .getByLabel('Data files')
      .setInputFiles({ name: 'set.zip', mimeType: 'application/zip', buffer })
    await expect(button(page, 'Import')).toBeVisible()
  }

  test('that never ends is ended by Cancel, and other tabs can import', async ({ page, context }) => {
    let hangs = true
    let handedOut = 0
    await context.route('**/squoosh_png_bg*.wasm', (route) => {
      if (!hangs) return route.continue()
      handedOut++
      return route.fulfill({ contentType: 'application/wasm', body: ENDLESS_PNG })
    })
    await page.goto('./#data')
    await pickPictures(page)
    await button(page, 'Import').click()
    await expect(page.getByText(/0 of 4 images/)).toBeVisible()
    await expect.poll(() => handedOut).toBeGreaterThan(0)
    hangs = false
    const other = await context.newPage()
    await other.goto('./#data')
    await pickPictures(other)
    await button(other, 'Import').click()
    await expect(other.getByText(/another tab/i)).toBeVisible()
    await button(page, 'Cancel').click()
    await expect(other.getByText(/set is imported/)).toBeVisible()
    // The files stay picked, and the worker is another's equal.
    await button(page, 'Import').click()
    await expect(page.getByText(/set is imported/)).toBeVisible()
  })

  test('that cannot be loaded is not taken for damaged pictures', async ({ page, context }) => {
    let gone = true
    await context.route('**/squoosh_png_bg*.wasm', (route) =>
      gone ? route.fulfill({ status: 404, body: '' }) : route.continue(),
    )
    await page.goto('./#data')
    await pickPictures(page)
    await button(page, 'Import').click()
    await expect(page.getByRole('alert').filter({ hasText: 'png codec could not be loaded' })).toBeVisible()
    expect(await storedKeys(page)).toEqual([])
    gone = false
    await button(page, 'Import').click()
    await expect(page.getByText(/set is imported/)).toBeVisible()
  })
})
