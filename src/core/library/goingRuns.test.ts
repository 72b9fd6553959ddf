/** What is found at opening: runs that were going, whole, half and damaged. */
import { beforeEach, describe, expect, it } from 'vitest'
import { keptCheckpoints } from './checkpoints'
import { RunDocument } from './document'
import { goingExperiments, markEnded, markGoing, markInterrupted } from './goingRuns'
import { listRuns } from './listing'
import { MemoryRunFiles } from './memoryFiles.testing'
import { type RunRecord, writeRecord } from './record'
import { checkpointOf, evaluation, record, row } from './run.testing'

let files: MemoryRunFiles
beforeEach(() => {
  files = new MemoryRunFiles()
})

const put = (id: string, changes: Partial<RunRecord> = {}) =>
  files.put(`${id}/run.json`, writeRecord({ ...record, id, ...changes }))

describe('experiments that were going', () => {
  it('are found by their marks, the newest first; those that have ended are not', async () => {
    await put('run-a', { updated: '2026-01-01' })
    await put('run-b', { updated: '2026-01-02', key: 'sgd', state: 'finished' })
    await put('run-c', { updated: '2026-01-03', state: 'paused' })
    await put('run-d', { state: 'finished' })
    await markGoing(files, 'one', ['run-a', 'run-b'])
    await markGoing(files, 'two', ['run-c'])
    await markGoing(files, 'three', ['run-d'])
    const going = await goingExperiments(files)
    expect(going.map(({ experiment }) => experiment)).toEqual(['two', 'one'])
    expect(await files.keys('going/')).toEqual(['going/one', 'going/two'])
    await markInterrupted(files, going[1])
    const states = (await listRuns(files)).runs.map(({ record: { id, state } }) => `${id} ${state}`)
    expect(states).toEqual(['run-a interrupted', 'run-b finished', 'run-c paused', 'run-d finished'])
    await markEnded(files, 'two')
    expect((await goingExperiments(files)).map(({ experiment }) => experiment)).toEqual(['one'])
  })

  it('whose records are gone leave no mark; a damaged one is told of, and the rest goes on', async () => {
    await markGoing(files, 'gone', ['run-x'])
    await put('run-a')
    await files.put('run-b/run.json', writeRecord({ ...record, id: 'run-b' }).slice(0, 100))
    await markGoing(files, 'half', ['run-a', 'run-b'])
    await files.put('going/garbled', new Uint8Array([1, 2, 3]))
    const going = await goingExperiments(files)
    expect(going).toHaveLength(1)
    expect(going[0]).toMatchObject({ experiment: 'half', runs: [{ folder: 'run-a/' }] })
    expect(going[0].damaged).toEqual([expect.stringMatching(/^run-b\/run.json: JSON/)])
    expect(await files.keys('going/')).toEqual(['going/half'])
    expect((await listRuns(files)).damaged).toMatchObject([{ folder: 'run-b/' }])
  })
})

describe('a run that begins', () => {
  it('has its record first, and is found whole whenever it was left', async () => {
    const order: string[] = []
    const { put: plain } = files
    files.put = (key, bytes) => {
      order.push(key)
      return plain.call(files, key, bytes)
    }
    const document = RunDocument.begin(files, 'r/', record)
    await document.written()
    expect(order).toEqual(['r/run.json', 'r/config.json', 'r/metrics.csv'])
  })

  it('without a record is set aside by the list where it was asked to look', async () => {
    await files.put('r/metrics.csv', new Uint8Array(3))
    await files.put('gone/metrics.csv', new Uint8Array(3))
    await files.put('gone/deleted.json', new Uint8Array(3))
    expect((await listRuns(files, '', true)).damaged).toEqual([
      { folder: 'r/', problem: 'r/: run.json is missing' },
    ])
    expect((await listRuns(files)).damaged).toEqual([])
  })
})

describe('a document', () => {
  it('keeps rows that could not be written for the next time, in their order', async () => {
    const document = RunDocument.begin(files, 'r/', record)
    document.addRows([1, 2, 3].map(row))
    document.flush()
    await document.written()
    files.refuse = new Error('full')
    document.addRows([4, 5].map(row))
    document.flush()
    await expect(document.written()).rejects.toThrow('full')
    files.refuse = undefined
    document.addRows([row(6), row(7)])
    await document.close()
    expect((await document.curves()).lines.map((line) => line.row.step)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('puts an evaluation that was put off into the line that is written already', async () => {
    const document = RunDocument.begin(files, 'r/', record)
    document.addRows([row(1), row(2)])
    document.saveCheckpoint(checkpointOf(2))
    await document.written()
    document.addEvaluation(evaluation(2))
    document.addRows([row(3)])
    await document.close()
    const { lines, evaluations } = await document.curves()
    expect(lines.map((line) => line.row.step)).toEqual([1, 2, 3])
    expect(evaluations).toEqual([evaluation(2)])
  })

  it('says of a checkpoint that it is there only when it is', async () => {
    const document = RunDocument.begin(files, 'r/', record)
    document.saveCheckpoint(checkpointOf(2))
    await document.written()
    files.refuse = new Error('full')
    document.saveCheckpoint(checkpointOf(3))
    await expect(document.written()).rejects.toThrow('full')
    expect(document.record.step).toBe(2)
  })
})

it('checkpoints are listed by step, the extra ones first where there are two', async () => {
  for (const name of [
    'checkpoint_1.safetensors',
    'checkpoint_1_step_3.safetensors',
    'additional_ckpt_2/checkpoint_2.safetensors',
    'checkpoint_1',
  ])
    await files.put(`r/checkpoints/${name}`, new Uint8Array())
  expect(await keptCheckpoints(files, 'r/', 2)).toEqual([
    { key: 'r/checkpoints/checkpoint_1_step_3.safetensors', step: 3 },
    { key: 'r/checkpoints/additional_ckpt_2/checkpoint_2.safetensors', step: 4 },
  ])
})
