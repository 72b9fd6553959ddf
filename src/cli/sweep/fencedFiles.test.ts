import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FencedFiles } from './fencedFiles'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'basin-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('whoever took the folder last writes, and nobody else', async () => {
  const [first, second] = [new FencedFiles(folder, 'a 1'), new FencedFiles(folder, 'b 2')]
  const bytes = Uint8Array.of(1)
  await expect(first.put('run.json', bytes)).rejects.toMatchObject({ code: 'cancelled' })
  await first.take()
  await first.put('metrics.csv', bytes)
  await second.take()
  for (const write of [
    () => first.put('metrics.csv', Uint8Array.of(9)),
    () => first.append('metrics.csv', Uint8Array.of(9)),
    () => first.remove(['metrics.csv']),
  ]) {
    await expect(write()).rejects.toMatchObject({ code: 'cancelled' })
  }
  await first.leave()
  await second.append('metrics.csv', bytes)
  expect(await second.get('metrics.csv')).toEqual(Uint8Array.of(1, 1))
  await second.leave()
  expect(readdirSync(folder)).toEqual(['metrics.csv'])
})
