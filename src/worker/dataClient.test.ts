import { Worker } from 'node:worker_threads'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { afterEach, expect, it } from 'vitest'
import { createDataLab, type DataThread } from './dataClient'

const SETTINGS = { name: '', labels: 'fine' as const }
const started: Worker[] = []
afterEach(() => Promise.all(started.splice(0).map((worker) => worker.terminate())))

/** A real thread; its import goes round for ever, as a codec may. */
function startThread(): DataThread {
  const script = `
    const { parentPort } = require('node:worker_threads')
    const { expose } = require('comlink')
    const nodeEndpoint = require('comlink/dist/umd/node-adapter.js')
    let url
    expose({
      init(given) { url = given; return { ok: true } },
      list() { return { ok: true, value: [url] } },
      examine() { return new Promise(() => {}) },
      importPicked() { for (;;); },
      cancel() { return { ok: true, value: true } },
    }, nodeEndpoint(parentPort))`
  const worker = new Worker(script, { eval: true })
  started.push(worker)
  return {
    endpoint: nodeEndpoint(worker),
    terminate: () => void worker.terminate(),
    onFailure: (failed) => worker.on('error', ({ message }) => failed(message)),
  }
}

it('Cancel ends a worker that is stuck, and another answers in its place', async () => {
  const lab = createDataLab(startThread, 200)
  await lab.init('datasets/')
  const stuck = lab.importPicked(SETTINGS, () => {})
  const waiting = lab.list()
  expect(await lab.cancel()).toEqual({ ok: true, value: false })
  for (const reply of [await stuck, await waiting]) {
    expect(reply).toMatchObject({ ok: false, error: { code: 'cancelled' } })
  }
  expect(started).toHaveLength(2)
  expect(await lab.list()).toEqual({ ok: true, value: ['datasets/'] })
})

it('Cancel leaves a worker that answers to it', async () => {
  const lab = createDataLab(startThread, 60_000)
  await lab.init('datasets/')
  expect(await lab.cancel()).toEqual({ ok: true, value: true })
  expect(started).toHaveLength(1)
})
