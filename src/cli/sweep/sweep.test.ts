/** Sweeps as a person starts them: processes that train, are killed and stopped, and end at the same bits. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleCli } from '../../../scripts/bundleCli.mjs'
import { planSweep } from './plan'
import { connectRedis } from './redis'
import { hasRedis, TestRedis } from './redis.testing'
import { folderResults } from './resultFolder'
import { SweepQueue } from './sweepQueue'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const BUNDLE = join(ROOT, 'node_modules', '.cache', 'basin', `sweep-test-${process.pid}`)
let main: string
let parent: string
const processes: ChildProcess[] = []

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'basin-'))
  main = await bundleCli(ROOT, BUNDLE)
  // On a fresh clone the kernels are compiled first.
}, 180_000)
afterAll(() => {
  for (const child of processes) child.kill('SIGKILL')
  rmSync(BUNDLE, { recursive: true, force: true })
  rmSync(parent, { recursive: true })
})

interface Started {
  child: ChildProcess
  output(): string
  ended: Promise<number | null>
}

function basin(words: string[]): Started {
  const child = spawn(process.execPath, [main, 'sweep', ...words], {
    env: { ...process.env, BASIN_ROOT: ROOT, INIT_CWD: parent, BASIN_THREADS: '1' },
  })
  processes.push(child)
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code) }
}

async function done(words: string[]): Promise<string> {
  const { ended, output } = basin(words)
  expect(await ended, output()).toBe(0)
  return output()
}

const TINY = {
  preset: 'first_visit',
  base: {
    mlp_layers: '4',
    num_train_examples: 200,
    batch_size: 20,
    num_epochs: 12,
    num_eval_examples: 20,
    num_final_eval_examples: 20,
    save_progress_seconds: 0,
  },
}

function write(name: string, sweep: object): string {
  writeFileSync(join(parent, `${name}.json`), JSON.stringify({ name, ...TINY, ...sweep }))
  return `${name}.json`
}

/** Of the parameters at the end of each run, by its id. */
async function sumsIn(dir: string, name: string): Promise<Record<string, string | undefined>> {
  const found = await folderResults(join(parent, dir), name, (line) => expect.fail(line))
  expect(found.every(({ state }) => state === 'finished')).toBe(true)
  return Object.fromEntries(found.map(({ id, parametersSha256 }) => [id, parametersSha256]))
}

const SWEEP = { grid: { sam_rho: [0, 0.1] }, seeds: 4 }

it('local: trains what is planned, sums it up, and knows what is done', { timeout: 120_000 }, async () => {
  const file = write('demo', SWEEP)
  const planned = await done(['plan', file, '--no-probe'])
  expect(planned).toContain('demo: 8 runs over sam_rho, 4 seeds')
  // 10 steps an epoch, 12 epochs, four seeds of one gradient a step and four of two.
  expect(planned).toContain('1,440 gradients')
  await done(['local', file, '--output_dir', 'local', '--device', 'cpu', '--concurrency', '2'])
  const groups = JSON.parse(await done(['results', 'demo', '--output_dir', 'local', '--json']))
  expect(groups.map(({ settings, n }: { settings: object; n: number }) => [settings, n])).toEqual([
    [{ sam_rho: 0 }, 4],
    [{ sam_rho: 0.1 }, 4],
  ])
  for (const { mean, interval, folders } of groups) {
    const [low, high] = interval.testErrorRate
    expect(low <= mean.testErrorRate && mean.testErrorRate <= high).toBe(true)
    expect(folders.every((folder: string) => existsSync(join(folder, 'run.json')))).toBe(true)
    expect(folders.some((folder: string) => existsSync(join(folder, 'sweep.owner')))).toBe(false)
  }
  expect(await done(['results', 'demo', '--output_dir', 'local'])).toMatch(/\| sam_rho \| n +\| test error/)
  const again = await done(['local', file, '--output_dir', 'local', '--device', 'cpu'])
  expect(again).toContain('demo: 8 of 8 runs done')
})

describe.skipIf(!hasRedis)('over Redis', () => {
  let server: TestRedis
  let queue: SweepQueue
  beforeAll(async () => {
    mkdirSync(join(parent, 'redis'))
    server = await TestRedis.start(join(parent, 'redis'))
    queue = await SweepQueue.open(await connectRedis(server.url, () => {}))
  })
  afterAll(async () => {
    await queue?.close()
    await server?.stop()
  })

  const worker = (dir: string, ...words: string[]) =>
    basin([
      ...['worker', '--redis', server.url, '--output_dir', dir, '--device', 'cpu'],
      ...['--lock', '3', ...words],
    ])
  const submit = (file: string) => done(['submit', file, '--redis', server.url])
  const poll = (what: () => Promise<unknown>) => expect.poll(what, { timeout: 60_000, interval: 50 })
  const count = async (name: string, state: string) =>
    (await queue.status(name)).filter((job) => job.state === state).length

  it('two workers, one killed and one stopped in the middle, and Redis restarted: every run once, same bits as local', {
    timeout: 180_000,
  }, async () => {
    const file = write('demo', SWEEP)
    expect(await submit(file)).toContain('8 runs submitted')
    const [killed, stopped] = [worker('shared'), worker('shared')]
    await poll(() => count('demo', 'finished')).toBeGreaterThanOrEqual(2)
    await poll(() => count('demo', 'running')).toBe(2)
    killed.child.kill('SIGKILL')
    await killed.ended
    await poll(() => count('demo', 'finished')).toBeGreaterThanOrEqual(4)
    stopped.child.kill('SIGTERM')
    expect(await stopped.ended, stopped.output()).toBe(0)
    expect(stopped.output()).toMatch(/demo \w{8}: handed back/)
    const last = worker('shared', '--until_empty')
    await poll(() => count('demo', 'running')).toBeGreaterThanOrEqual(1)
    await server.stop()
    await server.start()
    expect(await last.ended, last.output()).toBe(0)
    expect(await count('demo', 'finished')).toBe(8)

    const outputs = [killed, stopped, last].map(({ output }) => output()).join('')
    const finished = outputs.match(/demo \w{8}: finished/g) ?? []
    expect(finished.length).toBeGreaterThanOrEqual(8)
    expect(new Set(finished).size).toBe(8)
    expect(await sumsIn('shared', 'demo')).toEqual(await sumsIn('local', 'demo'))
    const ofRedis = JSON.parse(await done(['results', 'demo', '--redis', server.url, '--json']))
    const ofFolder = JSON.parse(await done(['results', 'demo', '--output_dir', 'shared', '--json']))
    const numbers = (groups: { mean: object; folders: string[] }[]) =>
      groups.map(({ mean, folders }) => ({ ...mean, seconds: 0, folders }))
    expect(numbers(ofRedis)).toEqual(numbers(ofFolder))
    await queue.remove('demo')
  })

  it('cancel reaches what runs, keeps it, and another worker without its folder goes on from what was sent', {
    timeout: 120_000,
  }, async () => {
    const long = { seeds: 1, base: { ...TINY.base, num_epochs: 60 } }
    const file = write('long', long)
    await submit(file)
    const first = worker('one', '--send', '0')
    await poll(async () => (await queue.status('long'))[0].progress?.sent ?? 0).toBeGreaterThan(0)
    expect(await done(['cancel', 'long', '--redis', server.url])).toContain('1 running ones')
    await poll(() => count('long', 'cancelled')).toBe(1)
    const [{ id }] = (await planSweep(JSON.stringify({ name: 'long', ...TINY, ...long }), file)).runs
    expect(readdirSync(join(parent, 'one', 'long', id))).toContain('checkpoints')
    expect(await done(['retry', 'long', '--redis', server.url])).toContain('1 runs are tried again')
    await poll(() => count('long', 'running')).toBe(1)
    first.child.kill('SIGKILL')
    await first.ended
    const second = worker('two', '--until_empty')
    expect(await second.ended, second.output()).toBe(0)
    expect(second.output()).toMatch(/goes on from what another worker sent, at step \d+/)
    await done(['local', file, '--output_dir', 'local', '--device', 'cpu'])
    expect(await sumsIn('two', 'long')).toEqual(await sumsIn('local', 'long'))
    expect(await done(['status', '--redis', server.url])).toContain('long: 1 runs: 1 finished')
  })
})
