/** The kept runs through the worker's eyes: looked at, changed, deleted and had back, out and in. */
import { readFileSync } from 'node:fs'
import { zipSync } from 'fflate'
import { beforeEach, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { RunDocument } from '../../core/library/document'
import { MemoryRunFiles } from '../../core/library/memoryFiles.testing'
import { checkpointOf, evaluation, record, row } from '../../core/library/run.testing'
import type { InputFile } from '../../core/ports'
import { RunsLibrary } from './runsLibrary'

let files: MemoryRunFiles
let library: RunsLibrary
let served: MemoryRunFiles | undefined
let trained: Set<string>
/** Of all tabs. */
let offered: Set<string>

const open = () =>
  new RunsLibrary({
    files,
    served,
    isTrained: async ({ id }) => trained.has(id),
    holdUndo: async (id) => void offered.add(id),
    letUndoGo: (id) => void offered.delete(id),
    offersUndo: async (id) => offered.has(id),
  })

beforeEach(() => {
  files = new MemoryRunFiles()
  served = undefined
  trained = new Set()
  offered = new Set()
  library = open()
})

/** Another browser, with nothing in it. */
function elsewhere(): void {
  files = new MemoryRunFiles()
  library = open()
}

async function make(id: string, seed = 0): Promise<void> {
  const document = await RunDocument.create(files, `${id}/`, {
    ...record,
    id,
    name: `run of ${id}`,
    state: 'finished',
    config: { ...record.config, run_seed: seed },
    parametersSha256: `sum of ${id}`,
  })
  await document.continueAt(0, 0)
  document.addRows([1, 2, 3, 4].map(row))
  document.addEvaluation(evaluation(4))
  document.saveCheckpoint(checkpointOf(4))
  await document.close()
}

const ids = async () => (await library.list()).runs.map((run) => run.record.id)
const input = (path: string, bytes: Uint8Array): InputFile => ({
  path,
  size: bytes.length,
  slice: async (start, end) => bytes.slice(start, end),
  stream: () => new Blob([bytes.slice()]).stream(),
})
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())
const take = (...inputs: InputFile[]) => library.take(inputs, () => {})
const text = (value: string) => new TextEncoder().encode(value)

describe('curves', () => {
  it('are whole, of every column and the gap, over every axis', async () => {
    await make('aaaa')
    const [{ id, lines }] = await library.curves(['aaaa', 'gone'])
    expect(id).toBe('aaaa')
    expect([...lines.loss.y]).toEqual([1, 1 / 2, 1 / 3, 1 / 4])
    expect([...lines.gap.y].map((gap) => Math.round(10 * gap) / 10)).toEqual([
      Number.NaN,
      0.1,
      Number.NaN,
      0.1,
    ])
    expect([...lines.loss.axes.epoch!]).toEqual([0.5, 1, 1.5, 2])
    expect([...lines.testErrorRate.y]).toEqual([0.25])
    expect([...lines.testErrorRate.axes.gradientEvaluations!]).toEqual([8])
    expect(lines).not.toHaveProperty('trainErrorRate')
  })
})

describe('a file of a run', () => {
  it('comes in as it went out after the run was deleted, and the undo is gone with it', async () => {
    await make('aaaa')
    const before = (await library.list()).runs[0].record
    const { filename, blob } = await library.pack(['aaaa'])
    expect(filename).toBe('sam_mlp_seed0_run_of_aaaa.zip')
    await library.remove(['aaaa'])
    expect(await ids()).toEqual([])
    const report = await take(input(filename, await bytesOf(blob)))
    expect(report).toEqual({ imported: ['aaaa'], refused: [] })
    expect((await library.list()).runs[0].record).toEqual(before)
    expect(await library.restore(['aaaa'])).toEqual([])
    expect(await ids()).toEqual(['aaaa'])
  })

  it('of several runs is a file of files', async () => {
    await make('aaaa')
    await make('bbbb', 1)
    const { filename, blob } = await library.pack(['aaaa', 'bbbb'])
    expect(filename).toBe('basin_2_runs.zip')
    elsewhere()
    expect((await take(input(filename, await bytesOf(blob)))).imported).toEqual(['aaaa', 'bbbb'])
  })

  it('may be a folder as the terminal writes it, or a folder of such, with other things between', async () => {
    await make('aaaa')
    await make('bbbb', 1)
    const at = (id: string) => `out/lr_0.1/seed_${id}/`
    const folder = ['aaaa', 'bbbb'].flatMap((id) =>
      [...files.files]
        .filter(([key]) => key.startsWith(`${id}/`))
        .map(([key, bytes]) => input(at(id) + key.slice(5), bytes)),
    )
    elsewhere()
    const report = await take(
      ...folder,
      input('out/notes.txt', text('x')),
      input(`${at('aaaa')}x.png`, text('x')),
    )
    expect(report).toEqual({ imported: ['aaaa', 'bbbb'], refused: [] })
    expect([...files.files.keys()]).not.toContain('aaaa/x.png')
  })

  it('that is damaged is named, changes nothing, and keeps no other out', async () => {
    await make('aaaa')
    const good = await bytesOf((await library.pack(['aaaa'])).blob)
    elsewhere()
    const bad = good.slice()
    bad[bad.length >> 1] ^= 1
    const report = await take(
      input('bad.zip', bad),
      input('good.zip', good),
      input('cat.zip', text('no zip')),
    )
    expect(report.imported).toEqual(['aaaa'])
    expect(report.refused).toHaveLength(2)
    expect(report.refused[0]).toMatch(/^bad\.zip: /)
    expect(report.refused[1]).toMatch(/^cat\.zip: zip: /)
  })

  it.each<[string, InputFile[], RegExp]>([
    ['nothing of ours', [input('a.png', text('x'))], /^a\.png: a run, got none/],
    ['no file', [], /^files: a run, got none/],
    [
      'a newer version',
      [input('run/run.json', text('{"format":9}'))],
      /^run: run\.json: a run of format 1, got 9: a newer Basin wrote it/,
    ],
    [
      'a web page in a zip',
      [input('a.zip', zipSync({ 'index.html': text('<script>') }))],
      /^a\.zip: index\.html/,
    ],
  ])('that is %s is refused in words', async (_, inputs, message) => {
    const { imported, refused } = await take(...inputs)
    expect(imported).toEqual([])
    expect(refused).toEqual([expect.stringMatching(message)])
    expect(files.files.size).toBe(0)
  })
})

describe('a TensorBoard folder', () => {
  const golden = readFileSync(new URL('../../core/formats/goldens/linear_sgd.tfevents', import.meta.url))
  const events = input('logs/sgd/events.out.tfevents.1700000000.host@1.v2', new Uint8Array(golden))

  it('comes in as curves alone, and goes out and in again', async () => {
    const { imported, refused } = await take(events)
    expect(refused).toEqual([])
    const [run] = (await library.list()).runs
    expect(run.record).toMatchObject({ name: 'logs/sgd', curvesOnly: true, step: 12 })
    const [{ lines }] = await library.curves(imported)
    expect([...lines.loss.axes.step]).toEqual([3, 6, 9, 12])
    const { filename, blob } = await library.pack(imported)
    expect(filename).toBe('curves_logs_sgd.zip')
    elsewhere()
    expect((await take(input(filename, await bytesOf(blob)))).imported).toEqual(imported)
  })

  it('that is damaged is refused with its byte', async () => {
    const bytes = new Uint8Array(golden)
    bytes[150] ^= 8
    const { refused } = await take(input('logs/events.out.tfevents.1', bytes))
    expect(refused).toEqual([
      expect.stringMatching(/^logs\/events\.out\.tfevents\.1: event file: the record at byte/),
    ])
    expect(files.files.size).toBe(0)
  })
})

describe('runs of a served folder', () => {
  it('stand beside the others, are drawn and packed, and are not changed', async () => {
    await make('aaaa')
    served = new MemoryRunFiles()
    for (const [key, bytes] of files.files) {
      await served.put(`out/${key.replace('aaaa', 'seed_0')}`, bytes)
      // Of two sweeps perhaps: the same run all the same.
      await served.put(`out/${key.replace('aaaa', 'seed_0_again')}`, bytes)
    }
    const packed = await bytesOf((await library.pack(['aaaa'])).blob)
    elsewhere()
    expect((await library.list()).runs).toMatchObject([{ folder: 'out/seed_0/', served: true }])
    const [{ lines }] = await library.curves(['aaaa'])
    expect(lines.loss.y).toHaveLength(4)
    expect(await bytesOf((await library.pack(['aaaa'])).blob)).toEqual(packed)
    await expect(library.edit(['aaaa'], { name: 'mine' })).rejects.toThrow(
      /got one of the folder that is served/,
    )
    await expect(library.remove(['aaaa'])).rejects.toThrow(/got one of the folder that is served/)
    // One that is imported is the browser's own.
    await take(input('run.zip', packed))
    expect((await library.list()).runs).toMatchObject([{ folder: 'aaaa/' }])
    await library.edit(['aaaa'], { name: 'mine' })
    expect((await library.list()).runs[0].record.name).toBe('mine')
  })

  it('that cannot be had are told of, and keep no other out', async () => {
    await make('aaaa')
    served = new MemoryRunFiles()
    served.keys = () =>
      Promise.reject(new BasinError('storage', 'the server: an answer, got none', 'Start it.'))
    library = open()
    expect(await library.list()).toMatchObject({
      runs: [{ folder: 'aaaa/' }],
      unanswered: 'the server: an answer, got none. Start it.',
    })
  })
})

describe('a deletion', () => {
  it('can be undone, run by run the same', async () => {
    await make('aaaa')
    await make('bbbb')
    const before = await library.list()
    expect((await library.remove(['aaaa', 'bbbb'])).bytes).toBeGreaterThan(1000)
    expect(await ids()).toEqual([])
    expect(await library.restore(['aaaa', 'bbbb'])).toEqual(['aaaa', 'bbbb'])
    expect(await library.list()).toEqual(before)
    expect(offered.size).toBe(0)
  })

  it('is carried out when the undo is given up, or the tab that offered it is closed', async () => {
    await make('aaaa')
    await make('bbbb')
    await library.remove(['aaaa'])
    await library.forget(['aaaa'])
    await library.remove(['bbbb'])
    // Another tab opens while this one still offers the undo, then after this one was closed.
    await open().sweep()
    expect(files.files.size).toBeGreaterThan(0)
    offered.clear()
    await open().sweep()
    expect(files.files.size).toBe(0)
  })

  it('of a run in training is refused, and then none is deleted', async () => {
    await make('aaaa')
    await make('bbbb')
    trained.add('bbbb')
    await expect(library.remove(['aaaa', 'bbbb'])).rejects.toThrow(/run of bbbb: ended before it is deleted/)
    expect(await ids()).toEqual(['aaaa', 'bbbb'])
  })
})
