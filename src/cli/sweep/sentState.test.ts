import { beforeEach, expect, it } from 'vitest'
import { newestCheckpoint } from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import { MemoryRunFiles } from '../../core/library/memoryFiles.testing'
import { checkpointOf, record, row } from '../../core/library/run.testing'
import { packState, unpackState } from './sentState'

async function runUntil(step: number): Promise<MemoryRunFiles> {
  const files = new MemoryRunFiles()
  const document = await RunDocument.create(files, '', record)
  await document.continueAt(0, 0)
  for (let at = 1; at <= step; at++) {
    document.addRows([row(at)])
    if (at % 2 === 0) document.saveCheckpoint(checkpointOf(at))
  }
  await document.close()
  return files
}

let there: MemoryRunFiles
let state: Uint8Array
beforeEach(async () => {
  there = await runUntil(4)
  // A line that is just being written.
  there.files.set('metrics.csv', new Uint8Array([...there.files.get('metrics.csv')!, 115, 97]))
  state = (await packState(there))!
})

const stepIn = async (files: MemoryRunFiles) =>
  (await newestCheckpoint(files, '', record.config, () => {}))?.step

it('goes on elsewhere from the newest checkpoint, with its curves', async () => {
  const here = new MemoryRunFiles()
  expect(await unpackState(here, state)).toBe(4)
  expect(await stepIn(here)).toBe(4)
  const { lines } = await (await RunDocument.open(here, ''))!.curves()
  expect(lines.map((line) => line.row.step)).toEqual([1, 2, 3, 4])
  expect(await here.keys('checkpoints/')).toHaveLength(1)
})

it('is not taken where the folder is as far, or further', async () => {
  const further = await runUntil(6)
  expect(await unpackState(further, state)).toBeUndefined()
  expect(await stepIn(further)).toBe(6)
  const behind = await runUntil(2)
  expect(await unpackState(behind, state)).toBe(4)
  expect(await stepIn(behind)).toBe(4)
})

it('that is cut short is refused, and one with another byte is refused whole or none the worse for it', async () => {
  for (const length of [0, 10, Math.floor(state.length / 2), state.length - 1]) {
    await expect(unpackState(new MemoryRunFiles(), state.subarray(0, length))).rejects.toThrow()
  }
  let refused = 0
  for (let at = 5; at < state.length; at += 61) {
    const damaged = state.slice()
    damaged[at] ^= 0x41
    const here = new MemoryRunFiles()
    const step = await unpackState(here, damaged).catch(() => undefined)
    if (step === undefined) refused++
    expect(here.files.size).toBe(step === undefined ? 0 : 4)
    if (step !== undefined) expect(await stepIn(here)).toBe(4)
  }
  expect(refused).toBeGreaterThan(5)
})

it('is nothing before the first checkpoint', async () => {
  expect(await packState(await runUntil(1))).toBeUndefined()
  expect(await packState(new MemoryRunFiles())).toBeUndefined()
})
