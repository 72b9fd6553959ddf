/** Checkpoints in the page: fine-tuning from an exported file, folders and archives dropped, and files that do not fit. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { gzipSync } from 'fflate'
import { packTar } from 'modern-tar'
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

const RUN = { ...SMALL_RUN, num_epochs: '1', num_train_examples: '256', mlp_layers: '16', runs: '' }
const FOREIGN = new URL('../conformance/goldens/checkpoints/tiny_momentum/checkpoint_3', import.meta.url)

let folder: string
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'basin-'))
})
test.afterAll(() => rmSync(folder, { recursive: true }))

/** Files and folders of the disk, as a person drops them: with real entries, which a made-up event has not. */
async function drop(page: Page, path: string, target: Locator = page.locator('.weights')): Promise<void> {
  await expect(button(page, 'Import weights')).toBeEnabled()
  await dropAtOnce(page, path, target)
}

async function dropAtOnce(page: Page, path: string, target: Locator): Promise<void> {
  const { x, y, width, height } = await restingBox(target)
  const client = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await client.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height - 4, data })
  }
  await client.detach()
}

/** Where it stays: what comes in above a place moves it away from under the pointer. */
async function restingBox(target: Locator) {
  for (let before = ''; ; ) {
    await target.scrollIntoViewIfNeeded()
    const box = (await target.boundingBox())!
    const now = JSON.stringify(box)
    if (now === before) return box
    before = now
    await target.page().waitForTimeout(150)
  }
}

async function exported(page: Page, format: RegExp): Promise<Buffer> {
  await button(page, 'Export weights').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: format }).click()
  return readFileSync(await (await download).path())
}

/** What the table says of the run's test error. */
async function testError(page: Page): Promise<string> {
  const go = (name: string) => page.getByRole('tab', { name }).or(page.getByRole('link', { name })).click()
  await go('Compare')
  const row = page.getByRole('row', { name: /test error/i }).first()
  await expect(row).toContainText('%')
  const text = await row.innerText()
  await go('Train')
  return text
}

test('a run is exported, fine-tuned from, and continued from a dropped folder and archive', async ({
  page,
}) => {
  await page.goto(address(RUN))
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  const trained = await testError(page)
  const weights = await exported(page, /safetensors/)
  const checkpoint = await exported(page, /Flax/)

  // At a rate of almost nothing, what was fine-tuned is what it started from.
  await page.goto(address({ ...RUN, run_seed: '5', learning_rate: '0.0000001', sam_rho: '0.2' }))
  await expectState(page, 'idle')
  const chooser = page.waitForEvent('filechooser')
  await button(page, 'Fine-tune from …').click()
  const file = { name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: weights }
  await (await chooser).setFiles(file)
  await expect(
    page.getByText(/mine\.safetensors \(4 tensors\) is what fine-tuning starts from/),
  ).toBeVisible()
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  expect(await testError(page)).toBe(trained)

  // The newest by number, below the dropped folder as a run has it.
  const run = join(folder, 'seed_0')
  mkdirSync(join(run, 'checkpoints'), { recursive: true })
  writeFileSync(join(run, 'checkpoints/checkpoint_0'), 'an older one')
  writeFileSync(join(run, 'checkpoints/checkpoint_10'), checkpoint)
  await page.goto(address(RUN))
  await expectState(page, 'idle')
  await drop(page, run)
  await expect(page.getByText(/checkpoint_10 stands as SAM at step 4/)).toBeVisible()
  await expectState(page, 'paused')

  const tar = await packTar([
    { header: { name: 'seed_0/checkpoint_2', size: checkpoint.length }, body: checkpoint },
  ])
  const archive = join(folder, 'run.tar.gz')
  writeFileSync(archive, gzipSync(tar))
  await drop(page, archive)
  await expect(page.getByText(/checkpoint_2 stands as SAM at step 4/)).toBeVisible()
  await expectState(page, 'paused')
})

test('a damaged, a foreign and no checkpoint are named, and the run before stays', async ({ page }) => {
  await page.goto(address(RUN))
  await button(page, 'Train').click()
  await expectState(page, 'finished')
  const trained = await testError(page)
  const checkpoint = await exported(page, /Flax/)
  const empty = join(folder, 'holiday')
  mkdirSync(empty)
  writeFileSync(join(empty, 'notes.txt'), 'none here')
  const cases: [string, RegExp][] = [
    [
      write('checkpoint_0', checkpoint.subarray(0, checkpoint.length - 9)),
      /checkpoint_0: .*(ends|bytes|cut)/,
    ],
    [write('checkpoint_3', readFileSync(FOREIGN)), /checkpoint_3: does not fit mlp: .*Dense_1\/kernel/],
    [write('photo.jpg', Buffer.from('not weights at all')), /photo\.jpg: /],
    [empty, /holiday: a checkpoint_<number> in the folder, got none/],
  ]
  for (const [path, message] of cases) {
    await drop(page, path)
    await expect(page.getByRole('alert').filter({ hasText: message })).toBeVisible()
    await expectState(page, 'finished')
  }
  // Beside the place for weights, too: else the browser opens the file and the run is gone.
  await drop(page, cases[2][0], page.getByRole('banner'))
  expect(await testError(page)).toBe(trained)
  expect(await exported(page, /Flax/)).toEqual(checkpoint)
})

test('a checkpoint dropped on a run that is going is refused, and the run goes on', async ({ page }) => {
  await page.goto(address({ ...RUN, num_epochs: '5000' }))
  await button(page, 'Train').click()
  await expectState(page, 'training')
  await dropAtOnce(page, write('checkpoint_1', readFileSync(FOREIGN)), page.locator('.weights'))
  const refusal = page.getByRole('alert').filter({ hasText: /weights: taken while no run trains or loads/ })
  await expect(refusal).toContainText(/Pause/)
  await expectState(page, 'training')
  await button(page, 'Stop').click()
  await expectState(page, 'stopped')
})

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
