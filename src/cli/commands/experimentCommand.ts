/** `experiment`: re-measures a preset's claim with the shipped core. */
import { availableParallelism, cpus } from 'node:os'
import { Argument, type Command, InvalidArgumentError } from 'commander'
import { BasinError } from '../../base/errors'
import { familyOf } from '../../core/config/family'
import { readFlag } from '../../core/config/flags'
import { findPreset } from '../../core/config/presets'
import { type RunConfig, runConfigSchema } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import type { Device } from '../../engine/backend'
import type { TuneMode } from '../../engine/tuning/tune'
import { readDataset } from '../data/datasets'
import { type EdgeRunNumbers, edgeTable, runEdgeSeed } from '../runs/edgeExperiment'
import { type RunNumbers, runSeed, validateSeed } from '../runs/experiment'
import { differenceTable, experimentTable, familyTable, markdown } from '../runs/experimentTable'
import { type DeviceChoice, deviceName, deviceText, startDevice } from '../terminal/device'
import { addDeviceOptions, wholeNumber } from '../terminal/options'
import { duration, percent } from '../terminal/progressView'

const EXPERIMENTS = {
  p1: 'first_visit',
  p2: 'convnet',
  family: 'first_visit',
  edge: 'edge',
  sam_edge: 'sam_edge',
  batch_edge: 'batch_edge',
} as const
type Experiment = keyof typeof EXPERIMENTS

/** Those that look at λ₁ while they train. */
const isEdge = (name: Experiment): boolean => name.endsWith('edge')

interface ExperimentOptions {
  seeds: number
  rho?: number[]
  epochs?: number
  json?: true
  choose?: true
  device: DeviceChoice
  tune: TuneMode
  f16?: boolean
}

export function addExperimentCommand(program: Command): void {
  const command = program
    .command('experiment')
    .description('Train runs over seeds and print errors, memorising and the loss around the minima.')
    .addArgument(
      new Argument(
        '<name>',
        'p1: SGD and SAM on mlp, p2: on cnn_small, family: SAM’s relatives on p1’s data, edge: λ₁ of gradient descent against 2/η, sam_edge: of SAM against its own edge, batch_edge: batch sharpness of SGD against 2/η',
      ).choices(Object.keys(EXPERIMENTS)),
    )
    .option('--seeds <count>', 'how many seeds, from 0', wholeNumber(1, 100), 3)
    .option('--rho <list>', 'SAM radii, comma-separated; default: the preset’s', rhoList)
    .option('--epochs <count>', 'fewer or more epochs than the preset', wholeNumber(1, 10000))
    .option('--choose', 'family: instead, the validation error of seed 0 at every radius of the grid')
    .option('--json', 'print every run’s numbers as JSON instead of the table')
  addDeviceOptions(command).action(experiment)
}

async function experiment(name: Experiment, options: ExperimentOptions): Promise<void> {
  const config = settingsOf(name, options)
  const entries = name === 'family' ? familyOf(config) : pairOf(options.rho ?? [config.sam_rho])
  const started = performance.now()
  const device = await startDevice(options)
  console.error(deviceText(device))
  const load = (own: RunConfig) => readDataset(own)
  if (name === 'family' && options.choose) return choose(config, load)
  if (isEdge(name)) return edges(name, config, options, load, device, started)
  const runs: RunNumbers[] = []
  for (let seed = 0; seed < options.seeds; seed++) {
    const note = (line: string) => console.error(`seed ${seed}: ${line}`)
    const numbers = await runSeed({ preset: config, seed, entries, load, note, curvature: name === 'family' })
    for (const run of numbers) note(lineOf(run))
    runs.push(...numbers)
  }
  const took = (performance.now() - started) / 1000
  if (options.json) return printJson(name, config, device, took, runs)
  const { model_name, num_train_examples, label_noise, num_epochs } = config
  console.log(name === 'family' ? familyTable(runs) : experimentTable(runs))
  if (name === 'family') console.log(`\n${differenceTable(runs, ['SGD', 'SAM'])}\n`)
  console.log(
    `${name}: ${model_name}, ${num_train_examples} images, ${100 * label_noise} % noise, ${num_epochs} epochs; ` +
      `${options.seeds} seeds, mean ± ${name === 'family' ? '95 % interval of it' : 'standard deviation'}.`,
  )
  console.log(`${deviceName(device)}; ${machine()}; ${duration(took)}.`)
}

const machine = () =>
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} threads, ${process.platform}, Node ${process.versions.node}`

function printJson(
  experiment: string,
  config: RunConfig,
  { backend, adapter, f16 }: Device,
  seconds: number,
  runs: readonly unknown[],
): void {
  const report = { experiment, config, device: { backend, adapter, f16 }, machine: machine(), seconds, runs }
  console.log(JSON.stringify(report, undefined, 2))
}

/** The runs of the preset, and what their λ₁ came to. */
async function edges(
  name: Experiment,
  config: RunConfig,
  { seeds, json }: ExperimentOptions,
  load: (config: RunConfig) => Promise<Dataset>,
  device: Device,
  started: number,
): Promise<void> {
  const runs: EdgeRunNumbers[] = []
  for (let seed = 0; seed < seeds; seed++) {
    const note = (line: string) => console.error(`seed ${seed}: ${line}`)
    const numbers = await runEdgeSeed(config, seed, load, note)
    for (const { label, first, late, ofEdge, ofSamEdge, ofBatch, diverged } of numbers) {
      const sam = ofSamEdge === undefined ? '' : `, ${ofSamEdge.toFixed(2)} of SAM’s`
      const batch = ofBatch === undefined ? '' : `; batch sharpness ${ofBatch.toFixed(2)} of it`
      const ended = diverged ? ' (diverged)' : ''
      note(
        `${label}${ended}: λ₁ ${first.toFixed(1)} at first, ${late.toFixed(1)} late, ${ofEdge.toFixed(2)} of the edge${sam}${batch}`,
      )
    }
    runs.push(...numbers)
  }
  const took = (performance.now() - started) / 1000
  if (json) return printJson(name, config, device, took, runs)
  const { model_name, mlp_layers, mlp_activation, loss, num_train_examples, num_epochs, full_batch } = config
  console.log(edgeTable(runs))
  console.log(
    `${name}: ${model_name} ${mlp_layers} ${mlp_activation}, ${loss}, ${num_train_examples} images, ` +
      `${full_batch ? `full batch, ${num_epochs} steps` : `${num_epochs} epochs`}; ${seeds} seeds, mean ± standard deviation; late: the last third of the measurements.`,
  )
  console.log(`${deviceName(device)}; ${machine()}; ${duration(took)}.`)
}

const pairOf = (rhos: readonly number[]) =>
  [0, ...rhos].map((sam_rho) => ({ label: sam_rho === 0 ? 'SGD' : `SAM ρ ${sam_rho}`, changes: { sam_rho } }))

/** The grid that the family's radii are chosen by. */
async function choose(preset: RunConfig, load: (config: RunConfig) => Promise<Dataset>): Promise<void> {
  const rows: string[][] = []
  for (const { label, changes, radii } of familyOf(preset)) {
    if (radii.length === 0) continue
    const entries = radii.map((sam_rho) => ({ label: `ρ ${sam_rho}`, changes: { ...changes, sam_rho } }))
    const errors = await validateSeed({ preset, seed: 0, entries, load, note: console.error })
    const best = radii[errors.indexOf(Math.min(...errors))]
    rows.push([
      label,
      errors.map((error, i) => `${radii[i]}: ${(100 * error).toFixed(1)}`).join(', '),
      `${best}`,
    ])
    console.error(rows.at(-1)!.join(' | '))
  }
  console.log(markdown([['', 'ρ: validation error %, seed 0', 'chosen'], ...rows]))
}

/** The preset, with what the command changes. @throws BasinError `config` */
function settingsOf(name: Experiment, { epochs }: ExperimentOptions): RunConfig {
  const preset = findPreset(EXPERIMENTS[name])
  if (!preset) throw new BasinError('internal', `experiment ${name}: no such preset`)
  const config = runConfigSchema.parse(preset.values)
  return epochs === undefined ? config : { ...config, num_epochs: epochs }
}

function lineOf({
  label,
  testErrorRate,
  bestTestErrorRate,
  trainErrorRate,
  seconds,
  diverged,
}: RunNumbers): string {
  const ended = diverged ? ' (diverged)' : ''
  return (
    `${label}${ended}: test error ${percent(testErrorRate)}, best epoch ` +
    `${percent(bestTestErrorRate)}, training error ${percent(trainErrorRate)}, ${duration(seconds)}`
  )
}

function rhoList(text: string): number[] {
  return text.split(',').map((part) => {
    const reading = readFlag('sam_rho', part)
    if (!reading.ok) throw new InvalidArgumentError(reading.message)
    if (reading.value === 0) throw new InvalidArgumentError('SGD (ρ = 0) is always trained; give SAM’s radii')
    return reading.value as number
  })
}
