/** The parent's end of a training process, against processes that behave in every way but well. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task, TaskWatch } from './trainJob'
import { TrainProcess } from './trainProcess'

let folder: string
const opened: TrainProcess[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'basin-'))
})
afterAll(() => {
  for (const process of opened) process.close()
  rmSync(folder, { recursive: true })
})

/** @param script what the process does with a message m; `tell` answers */
function processOf(name: string, script: string): TrainProcess {
  const entry = join(folder, `${name}.mjs`)
  const frame = `process.on('disconnect', () => process.exit(0)); const tell = (m) => process.send(m);`
  writeFileSync(entry, `${frame} process.on('message', (m) => { ${script} })`)
  const made = new TrainProcess({ entry, device: 'cpu', siblings: 1 })
  opened.push(made)
  return made
}

const task = (sweep: string) => ({ job: { sweep } }) as Task
const watch = (more: Partial<TaskWatch> = {}): TaskWatch => ({
  signal: new AbortController().signal,
  note: () => {},
  progress: () => {},
  ...more,
})

it('says what a process said before it ended, and takes a new one', async () => {
  const made = processOf(
    'dies',
    `if (m.task.job.sweep === 'bad') { console.error('out of memory'); process.exit(7) }
     tell({ kind: 'done', result: { pid: process.pid } })`,
  )
  const { pid } = (await made.train(task('good'), watch())) as unknown as { pid: number }
  await expect(made.train(task('bad'), watch())).rejects.toMatchObject({
    code: 'device',
    message: 'the process that trained it ended with code 7: out of memory',
  })
  const again = (await made.train(task('good'), watch())) as unknown as { pid: number }
  expect(again.pid).not.toBe(pid)
})

it('hands errors, notes, progress and states through, and takes a new process after one of the device', async () => {
  const made = processOf(
    'tells',
    `tell({ kind: 'note', line: 'a note' })
     tell({ kind: 'progress', progress: { step: 1, totalSteps: 2 } })
     if (m.sendState) tell({ kind: 'state', bytes: new Uint8Array([1, 2]) })
     tell({ kind: 'failed', error: { code: m.task.job.sweep, message: String(process.pid), remedy: 'r' } })`,
  )
  const seen: unknown[] = []
  const all = watch({
    note: (line) => seen.push(line),
    progress: (progress) => seen.push(progress),
    state: (bytes) => seen.push([...bytes]),
  })
  const failure = (code: string) => made.train(task(code), all).catch((error) => error)
  const first = await failure('config')
  expect(seen).toEqual(['a note', { step: 1, totalSteps: 2 }, [1, 2]])
  expect(first).toMatchObject({ code: 'config', remedy: 'r' })
  expect((await failure('device')).message).toBe(first.message)
  expect((await failure('config')).message).not.toBe(first.message)
})

it('tells a process to stop, also one that is told so before it has begun', async () => {
  const made = processOf(
    'stops',
    `if (m.kind === 'stop') tell({ kind: 'done', result: { state: 'interrupted' } })`,
  )
  const stop = new AbortController()
  const stopped = made.train(task('any'), watch({ signal: stop.signal }))
  stop.abort()
  expect(await stopped).toEqual({ state: 'interrupted' })
  expect(await made.train(task('any'), watch({ signal: stop.signal }))).toEqual({ state: 'interrupted' })
})
