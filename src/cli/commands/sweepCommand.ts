/** `sweep`: many runs from one file, on this machine or on several. */
import type { Command } from 'commander'
import { watchInterrupts } from '../runs/interrupts'
import { serveJobs } from '../sweep/child'
import { estimatePlan, gradientsOfPlan } from '../sweep/estimate'
import { runLocally } from '../sweep/local'
import type { SweepPlan } from '../sweep/plan'
import { keepSweepFile } from '../sweep/resultFolder'
import { planLines, runName } from '../sweep/texts'
import { type DeviceOptions, deviceName, startDevice } from '../terminal/device'
import { addDeviceOptions } from '../terminal/options'
import { fromUser } from '../terminal/paths'
import { duration } from '../terminal/progressView'
import { addPatience, addTrainOptions, readPlan, type TrainWhere, trainersFor } from './sweepOptions'
import { addSweepQueueCommands } from './sweepQueueCommands'
import { addSweepResultCommands } from './sweepResultCommands'

export function addSweepCommand(program: Command): void {
  const command = program
    .command('sweep')
    .description(
      'Many runs from one file: planned, trained here or on machines that share a Redis, and summed up.',
    )
  const planned = command
    .command('plan')
    .description('Print the runs of a sweep, what they cost in gradients, and how long they would take here.')
    .argument('<file>', 'sweep.json')
    .option('--no-probe', 'time nothing')
    .option('--json', 'runs with all their settings')
  addDeviceOptions(planned).action(plan)
  const alone = command
    .command('local')
    .description(
      'Train a sweep on this machine alone; the same command goes on with one that was interrupted.',
    )
    .argument('<file>', 'sweep.json')
  addPatience(addTrainOptions(alone)).action(local)
  addSweepQueueCommands(command)
  addSweepResultCommands(command)
  addDeviceOptions(command.command('child', { hidden: true })).action((where: DeviceOptions) =>
    serveJobs(where),
  )
}

async function plan(file: string, options: { probe: boolean; json?: true } & DeviceOptions): Promise<void> {
  const planned = await readPlan(file)
  const { runs, sweep } = planned
  if (!options.json) console.log(planLines(planned).join('\n'))
  const timed = options.probe ? await timedOn(planned, options) : undefined
  const gradients = timed?.gradients ?? (await gradientsOfPlan(runs))
  if (options.json) {
    const seconds = timed && { seconds: timed.seconds, device: timed.device }
    const listed = runs.map(({ id, config }) => ({ id, settings: config }))
    console.log(JSON.stringify({ name: sweep.name, count: runs.length, gradients, ...seconds, runs: listed }))
    return
  }
  console.log(`${gradients.toLocaleString('en-US')} gradients`)
  if (!timed) return
  const { seconds, device, kinds, probed } = timed
  const of = kinds > probed ? `, ${probed} of ${kinds} kinds of runs timed` : ''
  console.log(`about ${duration(seconds)} one after the other on ${device}${of}`)
}

async function timedOn({ runs, over }: SweepPlan, where: DeviceOptions) {
  const device = deviceName(await startDevice(where))
  const estimate = await estimatePlan(runs, (config) =>
    console.error(`timing ${runName({ id: '', config }, { over }).trim()}`),
  )
  return { ...estimate, device }
}

type LocalOptions = TrainWhere & { attempts: number; backoff: number }

async function local(file: string, options: LocalOptions): Promise<void> {
  const planned = await readPlan(file)
  const dir = fromUser(options.output_dir)
  keepSweepFile(dir, planned.sweep.name, planned.text)
  const trainers = trainersFor(options)
  const interrupts = watchInterrupts(() => console.error('Interrupted: saving at the current step…'))
  const named = new Map(planned.runs.map((run) => [run.id, runName(run, planned)]))
  const started = performance.now()
  try {
    const { results, failed } = await runLocally({
      plan: planned,
      dir,
      trainers,
      patience: options,
      signal: interrupts.signal,
      note: (id, line) => console.error(`${named.get(id)}: ${line}`),
    })
    const took = duration((performance.now() - started) / 1000)
    const failures = failed.size > 0 ? `, ${failed.size} failed` : ''
    console.log(
      `${planned.sweep.name}: ${results.length} of ${planned.runs.length} runs done${failures}, ${took}`,
    )
    console.log(`npm run sweep -- results ${planned.sweep.name} --output_dir ${options.output_dir}`)
    process.exitCode = interrupts.exitCode() ?? (failed.size > 0 ? 1 : 0)
  } finally {
    trainers.close()
    interrupts.dispose()
  }
}
