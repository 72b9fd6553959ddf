/** Sweeps over a real Redis, trained by what pretends to: what becomes of jobs, whatever happens to their workers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { startDashboard } from './dashboard'
import type { RunResult } from './job'
import { planSweep } from './plan'
import { connectRedis } from './redis'
import { freePort, hasRedis, TestRedis } from './redis.testing'
import { type JobState, SweepQueue } from './sweepQueue'
import { serveSweeps } from './sweepWorker'
import { type Trainer, Trainers } from './trainer'
import type { Task, TaskWatch } from './trainJob'

let parent: string
let server: TestRedis
const notes: string[] = []
const note = (line: string) => notes.push(line)

const plan = (name: string, seeds: number) =>
  planSweep(JSON.stringify({ name, preset: 'first_visit', seeds }), 'sweep.json')

const resultOf = ({ job }: Task, state: RunResult['state'] = 'finished'): RunResult => ({
  id: job.id,
  folder: join(parent, job.id),
  host: 'here',
  state,
  settings: job.settings,
  step: 1,
  totalSteps: 1,
  metrics: { testErrorRate: 0.1 },
  took: { all: 1, training: 1 },
})

const pretend = (train: (task: Task, watch: TaskWatch) => Promise<RunResult>): Trainer => ({
  train,
  close() {},
})

/** Works until it is told to stop, as training does. */
const endless = (onStart: (task: Task) => void = () => {}): Trainer =>
  pretend((task, { signal }) => {
    onStart(task)
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => resolve(resultOf(task, 'interrupted'))),
    )
  })

const PATIENCE = { attempts: 3, backoff: 0.05 }

describe.skipIf(!hasRedis)('sweeps in Redis', () => {
  let queue: SweepQueue
  const working: { stop(): Promise<void> }[] = []

  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), 'basin-'))
    server = await TestRedis.start(parent)
    queue = await SweepQueue.open(await connectRedis(server.url, note))
  })
  afterEach(async () => {
    for (const { stop } of working.splice(0)) await stop()
    notes.length = 0
    await queue.redis.flushall()
  })
  afterAll(async () => {
    await queue?.close()
    await server?.stop()
    rmSync(parent, { recursive: true })
  })

  /** A worker with connections of its own, until it is told to stop. */
  function work(trainers: Trainer[], options: { lockSeconds?: number; sendSeconds?: number } = {}) {
    const stop = new AbortController()
    const ended = (async () => {
      const own = await SweepQueue.open(await connectRedis(server.url, note))
      const given = { dir: parent, lockSeconds: 30, ...options, signal: stop.signal, note }
      await serveSweeps({ queue: own, trainers: new Trainers(trainers), ...given })
      await own.close()
    })()
    const worker = {
      stop: async () => {
        stop.abort()
        await ended
      },
    }
    working.push(worker)
    return worker
  }

  const states = async (name: string) => (await queue.status(name)).map(({ state }) => state)
  const until = (name: string, ...wanted: JobState[]) =>
    expect.poll(() => states(name), { timeout: 20_000, interval: 30 }).toEqual(wanted)

  it('are trained by any worker, once each, however often they are submitted', async () => {
    const times = new Map<string, number>()
    const count = pretend(async (task) => {
      times.set(task.job.id, (times.get(task.job.id) ?? 0) + 1)
      return resultOf(task)
    })
    const small = await plan('demo', 3)
    expect(await queue.submit(small, PATIENCE)).toBe(3)
    expect(await queue.submit(small, PATIENCE)).toBe(0)
    const workers = [work([count]), work([count, count])]
    await until('demo', 'finished', 'finished', 'finished')
    const larger = await plan('demo', 5)
    expect(await queue.submit(larger, PATIENCE)).toBe(2)
    await until('demo', ...Array<JobState>(5).fill('finished'))
    await expect(queue.submit(small, PATIENCE)).rejects.toThrow(
      /all runs of the sweep of this name.*got 2 less/,
    )
    expect([...times.keys()].sort()).toEqual(larger.runs.map(({ id }) => id).sort())
    expect([...times.values()]).toEqual([1, 1, 1, 1, 1])
    for (const worker of workers) await worker.stop()
    await queue.remove('demo')
    expect(await queue.names()).toEqual([])
    expect(await queue.left()).toBe(0)
  })

  it('what may pass is tried again, what cannot is not, and a diverged run is a result', async () => {
    const tries: string[] = []
    const { runs } = await plan('bad', 4)
    const [lost, setting, bug, diverged] = runs.map(({ id }) => id)
    const poison = pretend(async (task) => {
      const { id } = task.job
      tries.push(id)
      if (id === lost) throw new BasinError('device', 'GPU: the device was lost')
      if (id === setting) throw new BasinError('config', 'batch_size: smaller')
      if (id === bug) throw new TypeError('x is not a function')
      return resultOf(task, 'diverged')
    })
    await queue.submit(await plan('bad', 4), PATIENCE)
    const worker = work([poison])
    await until('bad', 'failed', 'failed', 'failed', 'diverged')
    await worker.stop()
    const times = (id: string) => tries.filter((one) => one === id).length
    expect([lost, setting, bug, diverged].map(times)).toEqual([3, 1, 1, 1])
    const [first, second] = await queue.status('bad')
    expect(first).toMatchObject({ reason: 'GPU: the device was lost', attempts: 3 })
    expect(second.reason).toBe('batch_size: smaller')

    const mended = work([pretend(async (task) => resultOf(task))])
    expect(await queue.retry('bad')).toBe(3)
    await until('bad', 'finished', 'finished', 'finished', 'diverged')
    await mended.stop()
  })

  it('cancelled ones stop where they are, those that waited are taken back, and both are tried again', async () => {
    await queue.submit(await plan('long', 3), PATIENCE)
    const worker = work([endless()])
    await until('long', 'running', 'waiting', 'waiting')
    expect(await queue.cancel('long')).toEqual({ removed: 2, running: 1 })
    await until('long', 'cancelled', 'cancelled', 'cancelled')
    await worker.stop()
    expect(await queue.retry('long')).toBe(3)
    await until('long', 'waiting', 'waiting', 'waiting')
  })

  it('a worker that is told to stop hands its job back, which costs no try', async () => {
    await queue.submit(await plan('handed', 1), { attempts: 1, backoff: 1 })
    const first = work([endless()])
    await until('handed', 'running')
    await first.stop()
    await until('handed', 'waiting')
    const second = work([pretend(async (task) => resultOf(task))])
    await until('handed', 'finished')
    await second.stop()
  })

  it('a worker that nothing is heard of loses its job to another, and stops when it learns of it', async () => {
    await queue.submit(await plan('quiet', 1), PATIENCE)
    let stopped = false
    const first = work(
      [
        pretend(async (task, { signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          stopped = true
          return resultOf(task, 'interrupted')
        }),
      ],
      { lockSeconds: 1 },
    )
    await until('quiet', 'running')
    // As if its lock had run out: the next check finds the job without one.
    const [{ id }] = (await plan('quiet', 1)).runs
    const lock = `${queue.queue.toKey(`quiet-${id}`)}:lock`
    const second = work([pretend(async (task) => resultOf(task))], { lockSeconds: 1 })
    for (let i = 0; i < 100 && (await states('quiet'))[0] !== 'finished'; i++) {
      await queue.redis.del(lock)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(await states('quiet')).toEqual(['finished'])
    await expect.poll(() => stopped).toBe(true)
    await first.stop()
    expect(await states('quiet')).toEqual(['finished'])
    await second.stop()
  })

  it('keeps what workers send of a run until it has ended', async () => {
    await queue.submit(await plan('sent', 1), PATIENCE)
    let sent: Uint8Array | undefined
    const first = work(
      [
        pretend(async (task, { state, signal }) => {
          state?.(Uint8Array.of(1, 2, 3))
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return resultOf(task, 'interrupted')
        }),
      ],
      { sendSeconds: 0 },
    )
    await until('sent', 'running')
    await expect.poll(() => queue.redis.keys('basin:state:*')).toHaveLength(1)
    await first.stop()
    const second = work([
      pretend(async (task) => {
        sent = task.sent
        return resultOf(task)
      }),
    ])
    await until('sent', 'finished')
    await second.stop()
    expect(sent && [...sent]).toEqual([1, 2, 3])
    expect(await queue.redis.keys('basin:state:*')).toEqual([])
  })

  it('are shown on a board, to this machine alone', async () => {
    await queue.submit(await plan('shown', 2), PATIENCE)
    const { address, close } = await startDashboard(queue, 0)
    const queues = `${address}api/queues`
    const [{ counts }] = (await (await fetch(queues)).json()).queues
    expect(counts.waiting).toBe(2)
    expect((await fetch(queues, { headers: { origin: 'https://example.org' } })).status).toBe(403)
    expect((await fetch(queues, { headers: { origin: address.slice(0, -1) } })).status).toBe(200)
    close()
  })

  it('a full Redis, and one that drops keys, get a sentence', async () => {
    try {
      await queue.redis.config('SET', 'maxmemory', '1mb')
      await expect(queue.submit(await plan('full', 1), PATIENCE)).rejects.toMatchObject({
        code: 'storage-full',
        message: expect.stringMatching(/^redis: no memory left/),
      })
      await queue.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
      await expect(connectRedis(server.url, note)).rejects.toThrow(
        /maxmemory-policy noeviction, got allkeys-lru/,
      )
    } finally {
      await queue.redis.config('SET', 'maxmemory', '0')
      await queue.redis.config('SET', 'maxmemory-policy', 'noeviction')
    }
  })

  it('a Redis that is missing, locked, or none at all gets a sentence', async () => {
    const nowhere = `redis://127.0.0.1:${await freePort()}`
    await expect(connectRedis(nowhere, note)).rejects.toThrow(/no Redis answers \(.*ECONNREFUSED/)
    await expect(connectRedis(`redis://127.0.0.1:${server.port}`, note)).rejects.toThrow(
      /password is missing/,
    )
    await expect(connectRedis(`redis://:x@127.0.0.1:${server.port}`, note)).rejects.toThrow(
      /missing or wrong/,
    )
    await expect(connectRedis('http://127.0.0.1', note)).rejects.toThrow(/--redis: redis:\/\/.*got http/)
    const web = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await new Promise((resolve) => web.once('listening', resolve))
    const { port } = web.address() as AddressInfo
    await expect(connectRedis(`redis://127.0.0.1:${port}`, note)).rejects.toThrow(/redis at 127\.0\.0\.1/)
    web.closeAllConnections()
    web.close()
    await expect(queue.status('nosuch')).rejects.toThrow('sweep: one of none so far, got nosuch')
  })
})
