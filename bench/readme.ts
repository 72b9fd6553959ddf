/**
 * README's performance tables, written from the reports kept in bench/results, one an adapter. A run replaces the rows
 * that it measured and leaves those of other sections, so that a whole table need not come of one long run.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toMarkdown } from './readmeTable'
import type { Report, Row } from './report'

export const BEGIN = '<!-- bench: written by `npm run bench -- --readme` -->'
export const END = '<!-- /bench -->'

/** Keeps the report's figures and rewrites the README. */
export function updateReadme(root: string, report: Report): void {
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const reports = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name): [string, Report] => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  )
  const name = `${slug(report)}.json`
  const merged = merge(reports.get(name), report)
  writeFileSync(join(folder, name), `${JSON.stringify(merged, null, 1)}\n`)
  reports.set(name, merged)
  const path = join(root, 'README.md')
  const block = [...reports.values()].map(toMarkdown).join('\n\n')
  writeFileSync(path, replaceBlock(readFileSync(path, 'utf8'), block))
}

/**
 * Rows of `newer` in place of the older ones of the same case, the others kept; an older row stays where the newer run
 * came to no figure. Another machine's rows are all dropped.
 */
export function merge(older: Report | undefined, newer: Report): Report {
  if (!older || older.machine !== newer.machine || older.adapter !== newer.adapter) return newer
  const key = ({ name, model, batch, shape }: Row) => [name, model, batch, shape].join(' ')
  const rows = new Map(older.rows.map((row) => [key(row), row]))
  for (const row of newer.rows) {
    if (!('error' in row.basin) || !rows.has(key(row))) rows.set(key(row), row)
  }
  return { ...newer, rows: [...rows.values()] }
}

/** @throws Error when the markers are missing */
export function replaceBlock(readme: string, block: string): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END, begin)
  if (begin < 0 || end < 0) throw new Error(`README.md: needs the lines ${BEGIN} and ${END}`)
  return `${readme.slice(0, begin + BEGIN.length)}\n${block}\n${readme.slice(end)}`
}

/** `llvmpipe-node`: an adapter in Node and in Chromium are two. */
export function slug({ adapter, machine }: Pick<Report, 'adapter' | 'machine'>): string {
  const where = /Chromium/.test(machine) ? 'chromium' : 'node'
  const name = adapter.toLowerCase().match(/[a-z0-9]+/g) ?? ['adapter']
  return `${name.slice(0, 3).join('-')}-${where}`
}
