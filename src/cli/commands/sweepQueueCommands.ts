/** `sweep submit|worker|status|watch|cancel|retry|remove|dashboard`: what goes over Redis. */
import type { Command } from 'commander'
import { watchInterrupts } from '../runs/interrupts'
import { startDashboard } from '../sweep/dashboard'
import type { Patience } from '../sweep/job'
import { connectRedis } from '../sweep/redis'
import { type Rehearsal, rehearse } from '../sweep/rehearsal'
import { keepSweepFile } from '../sweep/resultFolder'
import { SweepQueue } from '../sweep/sweepQueue'
import { LOCK_SECONDS, serveSweeps } from '../sweep/sweepWorker'
import { jobName, statusDetails, statusLine } from '../sweep/texts'
import { atLeast } from '../terminal/options'
import { fromUser } from '../terminal/paths'
import {
  addPatience,
  addTrainOptions,
  readPlan,
  redisOption,
  type TrainWhere,
  trainersFor,
} from './sweepOptions'

const WATCH_MS = 2000
/** A worker that cannot hand its jobs back, because Redis is away, waits no longer. */
const FAREWELL_MS = 30_000

interface Where {
  redis: string
}

export function addSweepQueueCommands(sweep: Command): void {
  addPatience(sweep.command('submit').description('Hand a sweep’s runs to whoever works for this Redis.'))
    .argument('<file>', 'sweep.json')
    .addOption(redisOption())
    .action(submit)
  addTrainOptions(
    sweep
      .command('worker')
      .description('Train what is submitted, until Ctrl-C: then jobs are saved and handed back.'),
  )
    .option(
      '--send <seconds>',
      'also send the newest checkpoint to Redis, at most so often: for workers that do not share --output_dir',
      atLeast(0),
    )
    .option(
      '--lock <seconds>',
      'how long a job stays with a worker that nothing is heard of',
      atLeast(1),
      LOCK_SECONDS,
    )
    .option('--until_empty', 'end when no job is left')
    .addOption(redisOption())
    .action(worker)
  const ofSweep = (name: string, about: string) =>
    sweep.command(name).description(about).argument('<name>', 'of the sweep').addOption(redisOption())
  sweep
    .command('status')
    .description('How far sweeps are.')
    .argument('[name]', 'one of them, in detail')
    .option('--json', 'every run')
    .addOption(redisOption())
    .action(status)
  ofSweep('watch', 'The same until nothing is left to do; exits with 1 where runs have failed.').action(watch)
  ofSweep('cancel', 'Take back what waits and stop what runs; what was trained is kept.').action(cancel)
  ofSweep('retry', 'Try again what failed or was cancelled.').action(retry)
  ofSweep('remove', 'Forget a sweep; its runs’ folders stay.').action(remove)
  sweep
    .command('rehearse')
    .description('Let workers pretend to train, and say what this Redis makes of so many.')
    .option('--jobs <count>', 'how many', atLeast(1, true), 1000)
    .option('--workers <count>', 'how many, in this one process', atLeast(1, true), 20)
    .option('--seconds <number>', 'that each job takes', atLeast(0.001), 1)
    .addOption(redisOption())
    .action(rehearsal)
  sweep
    .command('dashboard')
    .description('Serve bull-board, for this machine alone.')
    .option('--port <number>', 'where', atLeast(0, true), 8380)
    .addOption(redisOption())
    .action(dashboard)
}

export async function withQueue<T>(url: string, work: (queue: SweepQueue) => Promise<T>): Promise<T> {
  const queue = await SweepQueue.open(await connectRedis(url, note))
  try {
    return await work(queue)
  } finally {
    await queue.close()
  }
}

const note = (line: string) => console.error(line)

const submit = async (file: string, options: Where & Patience): Promise<void> => {
  const plan = await readPlan(file)
  const { attempts, backoff } = options
  const added = await withQueue(options.redis, (queue) => queue.submit(plan, { attempts, backoff }))
  const known = plan.runs.length - added
  console.log(`${plan.sweep.name}: ${added} runs submitted${known > 0 ? `, ${known} known already` : ''}`)
}

interface WorkerCommand extends TrainWhere, Where {
  send?: number
  lock: number
  until_empty?: true
}

async function worker(options: WorkerCommand): Promise<void> {
  const dir = fromUser(options.output_dir)
  const interrupts = watchInterrupts(() => note('Interrupted: saving, and handing jobs back…'))
  const trainers = trainersFor(options)
  try {
    await withQueue(options.redis, async (queue) => {
      note(`${trainers.size} at a time into ${dir}`)
      const empty = new AbortController()
      const timer = setInterval(() => {
        if (options.until_empty) endWhenEmpty(queue, empty)
      }, WATCH_MS / 2)
      interrupts.signal.addEventListener('abort', () => {
        setTimeout(() => {
          note('Redis does not take the jobs back; they are others’ when their locks end.')
          process.exit(interrupts.exitCode())
        }, FAREWELL_MS).unref()
      })
      await serveSweeps({
        queue,
        dir,
        trainers,
        lockSeconds: options.lock,
        sendSeconds: options.send,
        signal: AbortSignal.any([interrupts.signal, empty.signal]),
        note: (line, job) => note(job ? `${jobName(job)}: ${line}` : line),
        onSweep: (name) => keepFile(queue, dir, name),
      })
      clearInterval(timer)
    })
    // Handing everything back is what was asked for.
    process.exitCode = 0
  } finally {
    trainers.close()
    interrupts.dispose()
  }
}

/** The folder says by itself what it is of. */
async function keepFile(queue: SweepQueue, dir: string, name: string): Promise<void> {
  const text = await queue.text(name)
  if (text !== undefined) keepSweepFile(dir, name, text)
}

function endWhenEmpty(queue: SweepQueue, empty: AbortController): void {
  queue
    .left()
    .then((count) => count === 0 && empty.abort())
    .catch(() => {})
}

async function status(name: string | undefined, options: Where & { json?: true }): Promise<void> {
  await withQueue(options.redis, async (queue) => {
    if (name === undefined) {
      const names = await queue.names()
      if (names.length === 0) console.log('No sweeps here.')
      for (const each of names) console.log(statusLine(each, await queue.status(each)))
      return
    }
    const jobs = await queue.status(name)
    if (options.json) console.log(JSON.stringify(jobs, undefined, 2))
    else console.log([statusLine(name, jobs), ...statusDetails(jobs, await queue.plan(name))].join('\n'))
  })
}

async function watch(name: string, options: Where): Promise<void> {
  const interrupts = watchInterrupts(() => {})
  await withQueue(options.redis, async (queue) => {
    const plan = await queue.plan(name)
    let shown = ''
    while (!interrupts.signal.aborted) {
      const jobs = await queue.status(name)
      const text = statusLine(name, jobs)
      if (text !== shown) console.log(text)
      shown = text
      if (jobs.every(({ state }) => state !== 'running' && state !== 'waiting')) {
        for (const line of statusDetails(jobs, plan)) console.log(line)
        process.exitCode = jobs.some(({ state }) => state === 'failed') ? 1 : 0
        return
      }
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS))
    }
    process.exitCode = interrupts.exitCode()
  })
  interrupts.dispose()
}

async function cancel(name: string, options: Where): Promise<void> {
  const { removed, running } = await withQueue(options.redis, (queue) => queue.cancel(name))
  console.log(`${name}: ${removed} waiting runs taken back, ${running} running ones are told to stop`)
}

async function retry(name: string, options: Where): Promise<void> {
  const again = await withQueue(options.redis, (queue) => queue.retry(name))
  console.log(`${name}: ${again} runs are tried again`)
}

async function remove(name: string, options: Where): Promise<void> {
  await withQueue(options.redis, (queue) => queue.remove(name))
  console.log(`${name}: forgotten; its runs’ folders are where they were`)
}

async function rehearsal({ redis, ...wanted }: Where & Rehearsal): Promise<void> {
  const open = async () => SweepQueue.open(await connectRedis(redis, note))
  const found = await withQueue(redis, (queue) => rehearse(wanted, queue, open))
  const { submitSeconds, bytesAJob, statusSeconds, workSeconds, jobsASecond, idleShare } = found
  const rows = [
    ['submitted in', `${submitSeconds.toFixed(2)} s`],
    ['memory of Redis', `${(bytesAJob / 1024).toFixed(2)} KiB a job`],
    ['status', `${(1000 * statusSeconds).toFixed(0)} ms`],
    ['worked off in', `${workSeconds.toFixed(1)} s, ${jobsASecond.toFixed(1)} jobs a second`],
    ['workers without a job', `${(100 * idleShare).toFixed(1)} % of the time`],
    ['finished', `${found.finished} of ${wanted.jobs}, ${found.twice} given out twice`],
  ]
  for (const [what, text] of rows) console.log(`${what.padEnd(24)}${text}`)
  process.exitCode = found.finished === wanted.jobs && found.twice === 0 ? 0 : 1
}

async function dashboard(options: Where & { port: number }): Promise<void> {
  const interrupts = watchInterrupts(() => {})
  await withQueue(options.redis, async (queue) => {
    const { address, close } = await startDashboard(queue, options.port)
    console.log(`Dashboard: ${address}  Ctrl-C ends it.`)
    await new Promise((resolve) => interrupts.signal.addEventListener('abort', resolve))
    close()
  })
}
