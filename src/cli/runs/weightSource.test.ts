/** Weights of kept runs: folders and run files, the newest checkpoint whatever its name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packRun } from '../../core/library/archive'
import { RunDocument } from '../../core/library/document'
import { checkpointOf, record, row } from '../../core/library/run.testing'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { readWeights } from './weightSource'

let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basin-weights-'))
  const document = RunDocument.begin(new FolderDataStore(join(folder, 'run')), '', record)
  // Two steps are an epoch: the second checkpoint lies within the second.
  for (const steps of [[1, 2], [3]]) {
    document.addRows(steps.map(row))
    document.saveCheckpoint(checkpointOf(steps[steps.length - 1]))
  }
  await document.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

it('of a run’s folder are the newest, also within an epoch', async () => {
  const { step, filename } = await readWeights(join(folder, 'run'))
  expect(step).toBe(3)
  expect(filename).toMatch(/run.checkpoints.checkpoint_1_step_3\.safetensors$/)
})

it('of a run’s file are the same', async () => {
  const path = join(folder, 'run.zip')
  writeFileSync(path, await packRun(new FolderDataStore(join(folder, 'run')), ''))
  const packed = await readWeights(path)
  const lying = await readWeights(join(folder, 'run'))
  expect(packed.tensors).toEqual(lying.tensors)
  expect(packed.config).toEqual(lying.config)
  expect(packed.filename).toBe(`${path}: checkpoints/checkpoint_1_step_3.safetensors`)
})

it('of an archive that is no run are refused in words', async () => {
  const path = join(folder, 'none.zip')
  writeFileSync(path, 'these are no files')
  await expect(readWeights(path)).rejects.toMatchObject({
    code: 'file-format',
    message: expect.stringMatching(/none\.zip: zip: /),
  })
})
