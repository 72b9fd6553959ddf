/** A run as a file: what goes out comes in again, and nothing else does. */

import fc from 'fast-check'
import { zipSync } from 'fflate'
import { beforeEach, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { archiveName, keepRun, openRun, packRun } from './archive'
import { RunDocument } from './document'
import { listRuns } from './listing'
import { MemoryRunFiles } from './memoryFiles.testing'
import { checkpointOf, record, row } from './run.testing'

let files: MemoryRunFiles
let archive: Uint8Array
beforeEach(async () => {
  files = new MemoryRunFiles()
  const document = await RunDocument.create(files, 'r/', record)
  await document.continueAt(0, 0)
  document.append('events.out.tfevents.1.host.2.v2', new Uint8Array([1, 2, 3]))
  document.addRows([1, 2, 3, 4].map(row))
  document.saveCheckpoint(checkpointOf(4))
  document.saveMeasure('line', new Uint8Array([9]))
  document.append('stray.txt', new Uint8Array([7]))
  await document.close()
  archive = await packRun(files, 'r/')
})

describe('a run as a file', () => {
  it('is its folder, without what is not the run’s, and the same bytes each time', async () => {
    const { record: again, contents } = openRun(archive, 'run.zip')
    expect(again).toMatchObject({ id: record.id, step: 4, last: { gradientEvaluations: 8 } })
    expect([...contents.keys()].sort()).toEqual([
      'checkpoints/checkpoint_1.safetensors',
      'config.json',
      'events.out.tfevents.1.host.2.v2',
      'measures/line.npz',
      'metrics.csv',
      'run.json',
    ])
    for (const [name, bytes] of contents) expect(bytes).toEqual(await files.get(`r/${name}`))
    expect(await packRun(files, 'r/')).toEqual(archive)
    expect(archiveName(again)).toBe('sam_mlp_seed0_quiet-bay-1.zip')
  })

  it('is kept under its id, and beside another of that id under a new one; one that was going is interrupted', async () => {
    const kept = new MemoryRunFiles()
    const first = await keepRun(kept, openRun(archive, 'run.zip'))
    const second = await keepRun(kept, openRun(archive, 'run.zip'))
    expect(first).toBe(`${record.id}/`)
    expect(second).not.toBe(first)
    const { runs, damaged } = await listRuns(kept)
    expect(damaged).toEqual([])
    expect(runs.map((run) => [run.folder, run.record.id, run.record.state]).sort()).toEqual(
      [
        [first, record.id, 'interrupted'],
        [second, second.slice(0, -1), 'interrupted'],
      ].sort(),
    )
  })

  it('that there is no room for leaves nothing', async () => {
    const kept = new MemoryRunFiles()
    kept.refuse = new BasinError('storage-full', 'full')
    await expect(keepRun(kept, openRun(archive, 'run.zip'))).rejects.toThrow('full')
    expect(kept.files.size).toBe(0)
  })
})

describe('a file that is no whole run', () => {
  const changed = (changes: Record<string, Uint8Array | undefined>) => {
    const { contents } = openRun(archive, 'run.zip')
    const all = { ...Object.fromEntries(contents), ...changes }
    return zipSync(Object.fromEntries(Object.entries(all).filter((each) => each[1] !== undefined)) as never)
  }
  const text = (value: string) => new TextEncoder().encode(value)

  it.each<[string, Record<string, Uint8Array | undefined>, RegExp]>([
    ['without a record', { 'run.json': undefined }, /^run.zip: run.json in it, got none/],
    ['without curves', { 'metrics.csv': undefined }, /^run.zip: metrics.csv in it, got none/],
    ['with a page in it', { 'index.html': text('<script>') }, /^run.zip: index.html: a file that a run has/],
    ['that leaves its folder', { '../x': text('x') }, /^run.zip: \.\.\/x: a file that a run has/],
    [
      'of a newer version',
      { 'run.json': text('{"format":9}') },
      /^run.zip: run.json: a run of format 1, got 9/,
    ],
    ['with curves that are none', { 'metrics.csv': text('step\n1') }, /^run.zip: metrics.csv: a line a step/],
    [
      'with weights that are none',
      { 'checkpoints/checkpoint_1.safetensors': text('weights') },
      /^run.zip: checkpoints\/checkpoint_1.safetensors: /,
    ],
  ])('%s is refused by name', (_, changes, message) => {
    expect(() => openRun(changed(changes), 'run.zip')).toThrow(message)
  })

  it('is refused in words of ours wherever a bit is wrong, or read whole', () => {
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(7), (at, bit) => {
        const bytes = archive.slice()
        bytes[at] ^= 1 << bit
        try {
          openRun(bytes, 'run.zip')
        } catch (error) {
          expect(error).toBeInstanceOf(BasinError)
          expect((error as Error).message).toMatch(/^run\.zip: /)
        }
      }),
      { numRuns: 400 },
    )
  })
})

it('a folder whose record is damaged is listed with what is wrong', async () => {
  await files.put('broken/run.json', new TextEncoder().encode('{'))
  const { runs, damaged } = await listRuns(files)
  expect(runs.map(({ folder }) => folder)).toEqual(['r/'])
  expect(damaged).toEqual([{ folder: 'broken/', problem: 'broken/run.json: JSON, got something else' }])
})
