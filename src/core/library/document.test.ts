/** A run's folder through all that can happen to it, on files in memory. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import packageJson from '../../../package.json'
import { VERSION } from '../../base/version'
import { DEFAULT_CONFIG } from '../config/schema'
import { RunDocument } from './document'
import { MemoryRunFiles } from './memoryFiles.testing'
import { nameOf, newId } from './newRecord'
import { FILES, readRecord, writeRecord } from './record'
import { edge, evaluation, record, row } from './run.testing'

let files: MemoryRunFiles
beforeEach(() => {
  files = new MemoryRunFiles()
})

async function begun(): Promise<RunDocument> {
  const document = await RunDocument.create(files, 'r/', record)
  await document.continueAt(0, 0)
  return document
}

describe('a run’s document', () => {
  it('reads back its curves and evaluations to the bit', async () => {
    const document = await begun()
    document.addRows([1, 2, 3].map(row))
    document.addRows([row(4)])
    document.addEvaluation(evaluation(4))
    await document.close()
    const again = await RunDocument.open(files, 'r/')
    const { lines, evaluations } = await again!.curves()
    expect(lines.map((line) => line.row)).toEqual([1, 2, 3, 4].map(row))
    expect(evaluations).toEqual([evaluation(4)])
    expect(again!.record).toEqual(record)
  })

  it('goes on where its checkpoint is: later lines are cut, an evaluation still to be made finds its line', async () => {
    const document = await begun()
    document.addRows([1, 2, 3, 4, 5].map(row))
    await document.close()
    const again = (await RunDocument.open(files, 'r/'))!
    expect((await again.continueAt(4, 2)).lines).toHaveLength(4)
    again.addEvaluation(evaluation(4))
    again.addRows([row(5)])
    await again.close()
    const { lines, evaluations } = await again.curves()
    expect(lines.map((line) => line.row.step)).toEqual([1, 2, 3, 4, 5])
    expect(evaluations).toEqual([evaluation(4)])
  })

  it('that ends within a line keeps the whole ones', async () => {
    const document = await begun()
    document.addRows([1, 2, 3].map(row))
    await document.close()
    const bytes = (await files.get('r/metrics.csv'))!
    for (let cut = 1; cut < 40; cut++) {
      await files.put('r/metrics.csv', bytes.slice(0, -cut))
      const { lines } = await document.curves()
      expect(lines.map((line) => line.row.step)).toEqual(cut === 1 ? [1, 2, 3] : [1, 2])
    }
  })

  it('has λ₁ on the line of its step, from the first of them on, also when it comes late', async () => {
    const document = await begun()
    const header = async () => new TextDecoder().decode(await files.get('r/metrics.csv')).split('\n')[0]
    document.addRows([1, 2].map(row))
    document.flush()
    await document.written()
    expect(await header()).not.toContain('topEigenvalue')
    document.addEdge({ ...edge(2), samEdge: 30 })
    document.addEvaluation(evaluation(2))
    document.addRows([3, 4].map(row))
    await document.close()
    expect(await header()).toContain('topEigenvalue')
    document.addEdge(edge(4))
    await document.close()
    const again = (await RunDocument.open(files, 'r/'))!
    const curves = await again.curves()
    expect(curves.edges).toEqual([{ ...edge(2), samEdge: 30 }, edge(4)])
    expect(curves.evaluations).toEqual([evaluation(2)])
    expect(curves.lines.map((line) => line.row)).toEqual([1, 2, 3, 4].map(row))
    // One that was interrupted at its last line finds it when it goes on.
    expect((await again.continueAt(3, 2)).edges).toEqual([{ ...edge(2), samEdge: 30 }])
    again.addEdge(edge(3))
    again.addRows([row(4)])
    await again.close()
    expect((await again.curves()).edges).toEqual([{ ...edge(2), samEdge: 30 }, edge(3)])
  })

  it('tells what could not be written to whoever waits, once, and what was there stays', async () => {
    const document = await begun()
    document.addRows([row(1), row(2)])
    document.flush()
    await document.written()
    files.refuse = new Error('full')
    document.addRows([row(3)])
    document.flush()
    await expect(document.written()).rejects.toThrow('full')
    await document.written()
    expect((await document.curves()).lines).toHaveLength(1)
  })
})

describe('a record', () => {
  it('reads back what was written', () => {
    expect(readRecord(writeRecord(record), 'run.json')).toEqual(record)
  })

  it('takes settings of earlier versions, and defaults for what they lack', () => {
    const { runs: _, label_noise: __, ...older } = record.session
    const text = JSON.stringify({ ...record, session: { ...older, compare: true } })
    expect(readRecord(new TextEncoder().encode(text), 'run.json').session).toEqual(DEFAULT_CONFIG)
  })

  it.each([
    [{ format: 2 }, /run.json: a run of format 1, got 2: a newer Basin wrote it/],
    [{ id: '../etc' }, /run.json: id: /],
    [{ key: 'a b' }, /run.json: key: /],
    [{ state: 'flying' }, /run.json: state: /],
    [{ config: { sam_rho: -1 } }, /run.json: config: settings of a run/],
    [{ step: 1.5 }, /run.json: step: /],
  ])('%j is refused by name', (changes, message) => {
    const text = JSON.stringify({ ...record, ...changes })
    expect(() => readRecord(new TextEncoder().encode(text), 'run.json')).toThrow(message)
  })

  it('that is damaged is refused in words of ours, whatever the damage', () => {
    const whole = writeRecord(record)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const bytes = whole.slice()
        bytes[at] = value
        try {
          readRecord(bytes, 'run.json')
        } catch (error) {
          expect((error as Error).message).toMatch(/^run\.json: /)
        }
      }),
    )
  })

  it('says the version of the package', () => {
    expect(VERSION).toBe(packageJson.version)
  })
})

it('names are words, and ids unlike each other', () => {
  const ids = Array.from({ length: 200 }, newId)
  expect(new Set(ids).size).toBe(200)
  for (const id of ids) expect(nameOf(id)).toMatch(/^[a-z]+-[a-z]+-\d{1,2}$/)
  expect(FILES.record).toBe('run.json')
})
