import { beforeEach, describe, expect, it } from 'vitest'
import { openRun, packRun } from './archive'
import { RunDocument } from './document'
import { EDITS, edit } from './edits'
import { listRuns } from './listing'
import { MemoryRunFiles } from './memoryFiles.testing'
import { record, row } from './run.testing'

let files: MemoryRunFiles
let document: RunDocument
beforeEach(async () => {
  files = new MemoryRunFiles()
  document = await RunDocument.create(files, 'a/', record)
  await document.continueAt(0, 0)
})
const listed = async () => (await listRuns(files)).runs[0].record

describe('what a person says of a run', () => {
  it('is in the list, and stays when training writes the record', async () => {
    await edit(files, 'a/', { name: 'mine', pinned: true })
    document.addRows([row(1)])
    document.save({ state: 'finished' })
    await document.written()
    await edit(files, 'a/', { notes: 'two\nlines' })
    expect(await listed()).toMatchObject({
      name: 'mine',
      pinned: true,
      notes: 'two\nlines',
      state: 'finished',
    })
  })

  it('is in the archive’s record', async () => {
    await edit(files, 'a/', { name: '<img src=x onerror=alert(1)>' })
    const { record: packed, contents } = openRun(await packRun(files, 'a/'), 'run.zip')
    expect(packed.name).toBe('<img src=x onerror=alert(1)>')
    expect([...contents.keys()]).not.toContain(EDITS)
  })

  it('that does not fit is left out, one by one', async () => {
    await edit(files, 'a/', { name: '  ', notes: 'x'.repeat(5000), hidden: true })
    expect(await listed()).toMatchObject({ name: record.name, notes: '', hidden: true })
  })

  it('and cannot be read says nothing', async () => {
    for (const text of ['{', '{"name":1}', '[]', 'null']) {
      await files.put(`a/${EDITS}`, new TextEncoder().encode(text))
      expect(await listed()).toMatchObject({ name: record.name })
    }
  })
})
