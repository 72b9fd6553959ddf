import * as Comlink from 'comlink'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DEFAULT_CONFIG } from '../core/config/schema'
import type { ThreadData } from '../engine/wasm/serve'
import { createLab } from './client'
import type { LabEvent, StartThread, WorkerApi } from './protocol'

/** A worker whose script is `served`, on a message channel. */
class FakeWorker {
  static served: Partial<WorkerApi>
  static last: FakeWorker
  static all: FakeWorker[] = []
  onerror: ((event: { message: string; preventDefault(): void }) => void) | undefined
  terminated = false
  readonly told: unknown[] = []
  readonly #ports = new MessageChannel()

  constructor() {
    Comlink.expose(FakeWorker.served, this.#ports.port2)
    FakeWorker.last = this
    FakeWorker.all.push(this)
  }
  addEventListener(...args: Parameters<MessagePort['addEventListener']>) {
    this.#ports.port1.addEventListener(...args)
    this.#ports.port1.start()
  }
  removeEventListener(...args: Parameters<MessagePort['removeEventListener']>) {
    this.#ports.port1.removeEventListener(...args)
  }
  postMessage(message: unknown, transfer: Transferable[] = []) {
    this.told.push(message)
    this.#ports.port1.postMessage(message, transfer)
  }
  terminate() {
    this.terminated = true
    this.#ports.port1.close()
  }
}

beforeEach(() => {
  FakeWorker.all = []
  vi.stubGlobal('Worker', FakeWorker)
})
afterEach(() => vi.unstubAllGlobals())

const device = { backend: 'cpu', adapter: '', isFallback: true, note: '' } as const

it('hands commands in and events out', async () => {
  FakeWorker.served = {
    async init(options, onEvent) {
      await onEvent({ type: 'hint', key: options.datasetsUrl, message: 'hello' })
      return { ok: true, value: device }
    },
    start: async (config) => ({
      ok: false,
      error: { code: 'config', message: config.model_name, remedy: '' },
    }),
  }
  const events: LabEvent[] = []
  const { api, dispose } = createLab()
  expect(await api.init({ datasetsUrl: 'u' }, (event) => events.push(event))).toEqual({
    ok: true,
    value: device,
  })
  expect(events).toEqual([{ type: 'hint', key: 'u', message: 'hello' }])
  expect(await api.start(DEFAULT_CONFIG)).toMatchObject({ ok: false, error: { message: 'mlp' } })
  dispose()
})

it('starts the threads that the worker asks for; they end with it', async () => {
  let startThread: StartThread = () => {}
  FakeWorker.served = {
    async init(_options, _onEvent, start) {
      startThread = start
      return { ok: true, value: device }
    },
  }
  const { api, dispose } = createLab()
  await api.init({ datasetsUrl: 'u' }, () => {})
  // What is told of the kernels' memory is handed on as it is.
  const data = { control: 1024, thread: 1 } as ThreadData
  await startThread(data)
  const [worker, thread] = FakeWorker.all
  expect(FakeWorker.all).toHaveLength(2)
  expect(thread.told).toEqual([data])
  expect(thread.terminated).toBe(false)
  dispose()
  expect([worker.terminated, thread.terminated]).toEqual([true, true])
})

it('answers for a worker that dies, the command under way included', async () => {
  FakeWorker.served = {
    init: async () => ({ ok: true, value: device }),
    start: () => new Promise(() => {}),
  }
  const events: LabEvent[] = []
  const { api, dispose } = createLab()
  await api.init({ datasetsUrl: 'u' }, (event) => events.push(event))
  const waiting = api.start(DEFAULT_CONFIG)
  FakeWorker.last.onerror?.({ message: 'out of memory', preventDefault() {} })
  expect(await waiting).toMatchObject({
    ok: false,
    error: { code: 'device', message: expect.stringContaining('out of memory') },
  })
  expect(await api.pause()).toMatchObject({ ok: false, error: { code: 'device' } })
  expect(events).toMatchObject([{ type: 'state', state: 'failed', error: { code: 'device' }, lost: true }])
  // It would go on half broken, beside the worker that takes its place.
  expect(FakeWorker.last.terminated).toBe(true)
  dispose()
  expect(events).toHaveLength(1)
})

it('notices a worker that ends without a word: the lock it held is free', async () => {
  let free = () => {}
  const held: string[] = []
  const granted = new Promise<void>((resolve) => {
    free = resolve
  })
  FakeWorker.served = {
    live: async (lock) => void held.push(lock),
    init: async () => ({ ok: true, value: device }),
    start: () => new Promise(() => {}),
  }
  const asked: string[] = []
  vi.stubGlobal('navigator', {
    locks: {
      request: async (lock: string, onGranted: () => void) => {
        asked.push(lock)
        await granted
        onGranted()
      },
    },
  })
  const events: LabEvent[] = []
  const { api, dispose } = createLab()
  await api.init({ datasetsUrl: 'u' }, (event) => events.push(event))
  const waiting = api.start(DEFAULT_CONFIG)
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(held).toEqual(asked)
  expect(events).toEqual([])
  free()
  expect(await waiting).toMatchObject({ ok: false, error: { message: expect.stringMatching(/ended/) } })
  expect(events).toMatchObject([{ type: 'state', state: 'failed', lost: true }])
  dispose()
})

it('says nothing more once it is closed', async () => {
  FakeWorker.served = { init: async () => ({ ok: true, value: device }), start: () => new Promise(() => {}) }
  const events: LabEvent[] = []
  const { api, dispose } = createLab()
  await api.init({ datasetsUrl: 'u' }, (event) => events.push(event))
  const waiting = api.start(DEFAULT_CONFIG)
  dispose()
  expect(await waiting).toMatchObject({ ok: false })
  expect(FakeWorker.last.terminated).toBe(true)
  expect(events).toEqual([])
})
