import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MODELS } from '../../core/config/models'
import { networkTable } from './networkTable'

it('README’s table of networks is what `npm run summary -- --all` prints', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const lines = networkTable()
  expect(lines.length).toBe(MODELS.length + 2)
  expect(readme).toContain(lines.join('\n'))
})
