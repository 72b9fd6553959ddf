/**
 * One window that journeys visit the page in, one after the other. A page costs less where the browser has shown it
 * before, and a journey is seldom about the first time. For each of them the window is what a new one is:
 * nothing runs in it, nothing is kept, and it looks as the journey asks for.
 */
import type { BrowserContext, Page, ViewportSize } from '@playwright/test'

/** Of the same origin and with the headers of the page, so that the browser keeps the process; runs nothing. */
const NOTHING = './favicon.svg'

export interface Looks {
  viewport: ViewportSize | null
  colorScheme: 'light' | 'dark' | 'no-preference' | null | undefined
}

/** @returns its only page */
export async function madeReady(context: BrowserContext, { viewport, colorScheme }: Looks): Promise<Page> {
  const [page = await context.newPage()] = context.pages()
  if (viewport) await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme, media: null })
  return page
}

/** Leaves nothing of a journey, neither to the next nor beside it. */
export async function emptied(context: BrowserContext): Promise<void> {
  const [page = await context.newPage(), ...others] = context.pages()
  for (const other of others) await other.close()
  for (const event of ['request', 'response'] as const) context.removeAllListeners(event)
  for (const event of ['console', 'pageerror', 'worker'] as const) page.removeAllListeners(event)
  await context.unrouteAll({ behavior: 'ignoreErrors' })
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await context.clearPermissions()
  await page.goto(NOTHING)
  await page.evaluate(everythingEnded)
  const browser = await context.newCDPSession(page)
  const { origin } = new URL(page.url())
  await browser.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
  await browser.detach()
}

/** Workers hold locks for as long as they live, and what they write is written until then. */
async function everythingEnded(): Promise<void> {
  while ((await navigator.locks.query()).held!.length > 0) await new Promise((look) => setTimeout(look, 10))
  localStorage.clear()
  sessionStorage.clear()
}
