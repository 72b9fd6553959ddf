/** axe finds nothing on a page as it stands (WCAG 2.2 AA). */
import type { Page } from '@playwright/test'
import axe from 'axe-core'
import { expect } from './lab'

const COLOURS = { type: 'rule' as const, values: ['color-contrast', 'link-in-text-block'] }
const WCAG = { type: 'tag' as const, values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }

interface Looked {
  /** A selector: this part of the page alone, by all of axe's rules. */
  part?: string
  /** What stands there was looked at in other colours. */
  coloursAlone?: boolean
}

export async function expectAccessible(page: Page, where: string, { part, coloursAlone }: Looked = {}) {
  // Once a document; there are no frames to gather from.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source)
  const runOnly = coloursAlone ? COLOURS : part ? undefined : WCAG
  const options = { resultTypes: ['violations' as const], ...(runOnly && { runOnly }) }
  const { violations } = await page.evaluate(
    ([context, options]) => (window as unknown as { axe: typeof axe }).axe.run(context ?? document, options),
    [part, options] as const,
  )
  const found = violations.map(
    ({ id, nodes }) => `${where}: ${id}: ${nodes.map((n) => n.target.join(' ')).join('; ')}`,
  )
  expect(found).toEqual([])
}
