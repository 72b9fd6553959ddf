/** What the journeys share: a page that fails the test on any console error or WebGPU validation message. */
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { emptied, madeReady } from './sharedWindow'

const NOISE = [/favicon/, /ResizeObserver loop/]
const GPU_TROUBLE = /validation|GPUValidationError|WebGPU error|is invalid|uncaptured/i

interface Options {
  /** Messages this journey provokes on purpose (a 404 of a damaged shard …). */
  expectedErrors: RegExp[]
  /** A browser that has never shown the page, and that no other journey sees. */
  newBrowser: boolean
}

export const test = base.extend<Options & { watched: undefined }, { shared: BrowserContext }>({
  expectedErrors: [[], { option: true }],
  newBrowser: [false, { option: true }],
  shared: [
    async ({ browser }, use, { project }) => {
      const { baseURL, viewport } = project.use
      const context = await browser.newContext({ baseURL, viewport })
      await use(context)
      await context.close()
    },
    { scope: 'worker' },
  ],
  context: async ({ browser, shared, newBrowser, viewport, colorScheme }, use) => {
    const context = newBrowser ? await browser.newContext() : shared
    if (!newBrowser) await madeReady(context, { viewport, colorScheme })
    await use(context)
    await (newBrowser ? context.close() : emptied(context))
  },
  page: async ({ context }, use) => use(context.pages()[0] ?? (await context.newPage())),
  watched: [
    async ({ page, expectedErrors }, use) => {
      const trouble: string[] = []
      const allowed = [...NOISE, ...expectedErrors]
      const note = (text: string) => {
        if (!allowed.some((pattern) => pattern.test(text))) trouble.push(text)
      }
      page.on('console', (message) => {
        const text = message.text()
        if (message.type() === 'error' || GPU_TROUBLE.test(text)) note(text)
      })
      page.on('pageerror', (error) => note(String(error)))
      await use(undefined)
      expect(trouble, 'console errors and WebGPU messages').toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

/** A run small enough for a CPU adapter; every value is a query parameter named as its flag. */
export const SMALL_RUN = {
  num_train_examples: '512',
  num_eval_examples: '256',
  num_epochs: '2',
  mlp_layers: '32',
}

export function address(query: Record<string, string> = {}): string {
  return `./?${new URLSearchParams(query)}`
}

/** Waits until the run's state is `state`; shows the page's alert when it never comes. */
export async function expectState(page: Page, state: string, timeout = 60_000): Promise<void> {
  await expect(page.getByRole('status').and(page.locator('[data-state]'))).toHaveAttribute(
    'data-state',
    state,
    {
      timeout,
    },
  )
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/**
 * Sets what measures are made with: before a run, so that what is computed at its end by itself takes no longer than
 * what the journey asks for.
 */
export async function measureWith(page: Page, values: Record<string, string>): Promise<void> {
  await page.getByRole('link', { name: 'Landscape', exact: true }).click()
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`[name=${name}]`)
    await field.fill(value)
    await field.press('Enter')
  }
  await page.getByRole('link', { name: 'Train', exact: true }).click()
}

/** Opens a part of the settings that is folded. */
export async function unfold(page: Page, title: string): Promise<void> {
  const toggle = button(page, title)
  if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click()
}
