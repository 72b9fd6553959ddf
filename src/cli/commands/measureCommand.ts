/** `measure`: the landscape of trained weights, from files and run folders; a command for each measure of the list. */
import type { Command } from 'commander'
import type { RunConfig } from '../../core/config/schema'
import { MEASURES } from '../../core/landscape/measures'
import type { Measure, MeasuredRun } from '../../core/landscape/measures/measure'
import { chosenRuns } from '../../core/landscape/measures/request'
import { checkRoom, type Room } from '../../core/landscape/measures/room'
import { offerOf } from '../../core/plan/runPlan'
import type { Device } from '../../engine/backend'
import { readStored } from '../data/datasets'
import { watchInterrupts } from '../runs/interrupts'
import { KnownPoints } from '../runs/knownPoints'
import { closeRuns, openRuns, readRuns } from '../runs/measuredRuns'
import {
  hasMeshes,
  measureFiles,
  meshFiles,
  summaryLines,
  weightSums,
  writeMeasure,
} from '../runs/measureFiles'
import { addConfigOptions, configOf } from '../terminal/configOptions'
import { type DeviceOptions, deviceName, startDevice } from '../terminal/device'
import { MeasureLine } from '../terminal/measureLine'
import { addDeviceOptions } from '../terminal/options'
import { fromUser } from '../terminal/paths'
import { askWhichRun } from '../terminal/questions'
import { addSettingOptions, settingsIn } from '../terminal/settingOptions'

const RUNS = {
  each: 'weight files, run folders and run files (.zip), folders of checkpoints or archives; each is measured by itself',
  pair: 'two of them: weight files, run folders and run files (.zip), folders of checkpoints or archives',
  all: 'weight files, run folders and run files (.zip), folders of checkpoints or archives; they are measured together',
}

export function addMeasureCommand(program: Command): void {
  const command = program
    .command('measure')
    .description('Measure the landscape around trained weights, and write what was found as .npz and CSV.')
  for (const measure of MEASURES as readonly Measure[]) addOne(command, measure)
}

function addOne(program: Command, measure: Measure): void {
  const command = program
    .command(measure.id)
    .description(
      `${measure.about} Files with settings of their own, and those in a run’s folder, are measured with them; ` +
        'the flags of network and data are for files that have none.',
    )
    .argument('<runs...>', RUNS[measure.runs])
    .requiredOption('--output <folder>', 'Where the files go')
  addDeviceOptions(command)
  if (hasMeshes(measure))
    command.option('--mesh', 'Also every surface as .vtp (ParaView) and .stl (3-D printer)')
  addSettingOptions(command, measure.settings)
  addConfigOptions(command).action(async (paths: string[], options: Record<string, unknown>) => {
    const request = {
      paths: paths.map(fromUser),
      output: fromUser(options.output as string),
      settings: settingsIn(options, measure.settings),
      fallback: configOf(options),
      mesh: options.mesh === true,
    }
    process.exitCode = await run(measure, request, options as unknown as DeviceOptions)
  })
}

interface Request {
  paths: readonly string[]
  output: string
  settings: Record<string, unknown>
  fallback: RunConfig
  mesh: boolean
}

/** @returns the exit code: 0, or 130 after Ctrl-C, with what was computed by then */
async function run(measure: Measure, request: Request, where: DeviceOptions): Promise<number> {
  const { paths, output, settings, fallback } = request
  const runs = await readRuns(paths, fallback, askWhichRun)
  chosenRuns(
    measure,
    runs.map(({ key }) => key),
  )
  const interrupts = watchInterrupts(() => console.error('Interrupted: writing what is there…'))
  try {
    const started = await startDevice(where)
    const device = deviceName(started)
    console.error(`Device: ${device}.`)
    for (const { key, source, step } of runs) console.error(`${key}: ${source}, step ${step}`)
    const opened = await openRuns(runs, (config) => readStored(config, interrupts.signal))
    const vectors = checkRoom(measure, opened, settings, roomBeside(opened, started))
    const sums = await weightSums(opened)
    const line = new MeasureLine(process.stderr, measure.unit)
    const points = new KnownPoints(output, device)
    const {
      findings,
      cancelled,
      vectors: directions,
    } = await measure
      .compute({
        runs: opened,
        settings,
        onProgress: (progress) => line.show(progress),
        signal: interrupts.signal,
        points,
        vectors,
      })
      .finally(() => closeRuns(opened))
    await points.written()
    const report = { measure, settings, device, runs, findings, cancelled, vectors: directions, sums }
    for (const text of summaryLines(measure, findings)) console.log(text)
    const meshes = request.mesh ? meshFiles(report) : []
    for (const path of writeMeasure(output, new Map([...measureFiles(report), ...meshes]))) console.log(path)
    return interrupts.exitCode() ?? 0
  } finally {
    interrupts.dispose()
  }
}

/** Of these runs there are weights and statistics alone. */
function roomBeside(runs: readonly MeasuredRun[], { backend, memory }: Device): Room {
  const standing = runs.reduce((sum, { theta, batchStats }) => sum + 4 * (theta.size + batchStats.size), 0)
  return { ...offerOf(runs[0].config, memory), backend, standing }
}
