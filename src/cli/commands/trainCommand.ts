/** `train`: one run, or with --runs several, each into its folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { BasinError } from '../../base/errors'
import { bytesText } from '../../base/units'
import { FIELD_NAMES, type RunConfig } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import { partsText } from '../../core/plan/memoryPlan'
import { planRun, type RunPlan, seenIn } from '../../core/plan/runPlan'
import type { RunSpec } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import { readStored } from '../data/datasets'
import { watchInterrupts } from '../runs/interrupts'
import { keptRun } from '../runs/keptRun'
import { pretrainedOf } from '../runs/pretrained'
import { type PlacedRun, placeRuns, type TrainOutcome, trainRuns } from '../runs/trainRuns'
import { verifyRun } from '../runs/verifyRun'
import { addConfigOptions, configOf } from '../terminal/configOptions'
import { type DeviceOptions, deviceName, deviceText, startDevice } from '../terminal/device'
import { addDeviceOptions } from '../terminal/options'
import { fromUser } from '../terminal/paths'
import { ProgressView } from '../terminal/progressView'

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description(
      'Train a network with SAM (or SGD, --sam_rho 0) and write curves, metrics and checkpoints. ' +
        'The same command again continues an interrupted run. Without flags it is what google-research/sam trains ' +
        'without flags: WideResnet28x10 on cifar10 with SGD. The run’s folder is made in --output_dir, without it in ' +
        'the folder you stand in, and not before the run can start.',
    )
    .option(
      '--continue <run>',
      'Go on with a kept run, with its own settings: its folder, or its .zip, which is unpacked into --output_dir',
    )
    .option(
      '--verify <run>',
      'Train a kept run again, write nothing, and say at which step, if any, the bits differ (exit code 1)',
    )
  addConfigOptions(addDeviceOptions(command)).action(async (options: Record<string, unknown>) => {
    const where = options as unknown as DeviceOptions
    if (options.continue === undefined && options.verify === undefined) {
      process.exitCode = await train(configOf(options), where)
      return
    }
    refuseSettings(options)
    process.exitCode = options.verify
      ? await verify(fromUser(String(options.verify)), where)
      : await goOn(fromUser(String(options.continue)), fromUser(configOf(options).output_dir), where)
  })
}

/** A kept run has its settings. @throws BasinError `config` */
function refuseSettings(options: Record<string, unknown>): void {
  const given = FIELD_NAMES.find((name) => name in options && name !== 'output_dir')
  const both = options.continue !== undefined && options.verify !== undefined
  if (!given && !both && !('preset' in options)) return
  const what = both ? 'both' : `--${given ?? 'preset'} with one of them`
  throw new BasinError(
    'config',
    `--continue, --verify: one of them, with the kept run’s own settings, got ${what}`,
    'Leave the flag out; to train with other settings, start a run of their own.',
  )
}

async function goOn(path: string, into: string, where: DeviceOptions): Promise<number> {
  const view = new ProgressView(process.stderr)
  const run = await keptRun(path, into, (line) => view.line(line))
  return trainPlaced(run.spec.config, [run], where, view)
}

/** @returns the exit code: 0 where every number is the same */
async function verify(path: string, where: DeviceOptions): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'basin-verify-'))
  const interrupts = watchInterrupts(() => {})
  try {
    const run = await keptRun(path, scratch, () => {})
    const device = await startDevice(where)
    console.error(
      `Device: ${deviceName(device)}; the run was trained on ${run.checkpoint?.device || 'an unknown one'}.`,
    )
    const dataset = await loadDatasets([run.spec], (own) => readStored(own, interrupts.signal))
    const { steps, differs, parameters } = await verifyRun(run, dataset(run.spec), interrupts.signal)
    if (differs) {
      const { step, name, kept, now } = differs
      console.log(`Differs at step ${step}: ${name} ${kept}, now ${now}.`)
      return 1
    }
    const end = { true: ', and so are the parameters', false: ', but the parameters at the end are not' }
    console.log(
      `The same to the bit in ${steps} steps${parameters === undefined ? '' : end[`${parameters}`]}.`,
    )
    return parameters === false || interrupts.signal.aborted ? 1 : 0
  } finally {
    interrupts.dispose()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** @returns the exit code: 0 finished, 1 diverged, 130 after Ctrl-C */
async function train(config: RunConfig, where: DeviceOptions): Promise<number> {
  const [problem] = checkConfig(config)
  if (problem) throw new BasinError('config', problem)
  const view = new ProgressView(process.stderr)
  const runs = await placeRuns(config, fromUser(config.output_dir), (line) => view.line(line))
  return trainPlaced(config, runs, where, view)
}

async function trainPlaced(
  config: RunConfig,
  runs: readonly PlacedRun[],
  where: DeviceOptions,
  view: ProgressView,
): Promise<number> {
  if (runs.every(({ checkpoint }) => checkpoint?.facts.finished)) {
    for (const { folder, checkpoint } of runs) {
      view.line(
        `${folder}: already finished, at step ${checkpoint?.step}. Delete the folder to train it again.`,
      )
    }
    return 0
  }
  const interrupts = watchInterrupts(() => view.line('Interrupted: saving at the current step…'))
  try {
    const device = await startDevice(where)
    const name = deviceName(device)
    view.line(deviceText(device))
    for (const run of runs) announce(run, name, view)
    const specs = runs.map(({ spec }) => spec)
    const dataset = await loadDatasets(specs, (own) => readStored(own, interrupts.signal))
    const plan = planRun(config, (spec) => seenIn(dataset(spec)), device)
    tellPlan(plan, view)
    const outcome = await trainRuns({
      config,
      runs,
      dataset,
      pretrained: runs.every(({ checkpoint }) => checkpoint) ? undefined : await pretrainedOf(config),
      device: name,
      signal: interrupts.signal,
      report: {
        note: (line) => view.line(line),
        onStart: (session) => view.start(session),
        onRows: (run, rows) => view.rows(run, rows),
        onEvaluation: (run, metrics, final) => view.evaluation(run, metrics, final),
        onEdge: (run, metrics) => view.edge(run, metrics),
        onProgress: (progress) => view.progress(progress),
        onTuning: (done, total) => view.tuning(done, total),
      },
    })
    view.stop()
    return conclude(outcome, runs, view, interrupts.exitCode())
  } catch (error) {
    view.stop()
    const code = interrupts.exitCode()
    if (code !== undefined && error instanceof BasinError && error.code === 'cancelled') return code
    throw error
  } finally {
    interrupts.dispose()
  }
}

/** What the run needs against what there is. @throws BasinError `device` when it cannot fit */
function tellPlan({ numParams, memory, offer, problem }: RunPlan, view: ProgressView): void {
  const source = { measured: 'free', assumed: 'assumed', set: 'allowed' }[offer.source]
  view.line(
    `Memory: ${bytesText(memory.total)} of ${bytesText(offer.budget)} ${source} (${partsText(memory)}; ${numParams.toLocaleString('en')} parameters).`,
  )
  if (problem) throw problem
}

function announce({ spec, folder, checkpoint }: PlacedRun, device: string, view: ProgressView): void {
  const from = checkpoint ? `, continues at step ${checkpoint.step}` : ''
  view.line(`${nameOf(spec)}: ${folder}${from}`)
  if (checkpoint?.device && checkpoint.device !== device) {
    view.line(
      `${spec.key}: trained on ${checkpoint.device} so far; on another device the numbers differ in the last digits.`,
    )
  }
}

/** The key, and where that says less than the label this too. */
const nameOf = ({ key, label }: RunSpec) => (key === label.toLowerCase() ? key : `${key} (${label})`)

function conclude(
  outcome: TrainOutcome,
  runs: readonly PlacedRun[],
  view: ProgressView,
  interrupted: number | undefined,
): number {
  const folders = runs.map(({ folder }) => folder).join(' and ')
  if (outcome === 'interrupted') {
    view.line(`Saved in ${folders}. The same command continues.`)
    return interrupted ?? 1
  }
  view.line(outcome === 'finished' ? `Finished: ${folders}` : `Ended early: ${folders}`)
  return outcome === 'finished' ? 0 : 1
}
