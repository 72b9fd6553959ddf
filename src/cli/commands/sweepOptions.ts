/** Options that commands of `sweep` share, and what they are read as. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { BasinError } from '../../base/errors'
import type { TuneMode } from '../../engine/tuning/tune'
import { PATIENCE } from '../sweep/job'
import { planSweep, type SweepPlan } from '../sweep/plan'
import { Trainers } from '../sweep/trainer'
import { TrainProcess } from '../sweep/trainProcess'
import type { DeviceChoice } from '../terminal/device'
import { addDeviceOptions, atLeast } from '../terminal/options'
import { fromUser } from '../terminal/paths'

/** Where jobs are trained. */
export interface TrainWhere {
  output_dir: string
  device: DeviceChoice
  tune: TuneMode
  f16?: boolean
  concurrency: number
}

export function addTrainOptions(command: Command): Command {
  return addDeviceOptions(
    command
      .requiredOption('--output_dir <folder>', 'where the runs’ folders go, below the sweep’s name')
      .option('--concurrency <count>', 'jobs at a time, each in a process of its own', atLeast(1, true), 1),
  )
}

export function addPatience(command: Command): Command {
  const { attempts, backoff } = PATIENCE
  return command
    .option('--attempts <count>', 'how often a job is tried where it may pass', atLeast(1, true), attempts)
    .option('--backoff <seconds>', 'before the second time; twice that before the third', atLeast(0), backoff)
}

export const redisOption = (): Option =>
  new Option('--redis <url>', 'redis://[:PASSWORD@]HOST[:PORT]').env('BASIN_REDIS').makeOptionMandatory()

export async function readPlan(file: string): Promise<SweepPlan> {
  const path = fromUser(file)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new BasinError('file-format', `${path}: ${(error as Error).message}`, 'Check the path.')
  }
  return planSweep(text, path)
}

/** As many processes as jobs at a time. */
export function trainersFor({ device, tune, f16, concurrency }: TrainWhere): Trainers {
  // Bundled, this file is the whole command line.
  const entry = fileURLToPath(import.meta.url)
  const options = { entry, device, tune, f16, siblings: concurrency }
  return new Trainers(Array.from({ length: concurrency }, () => new TrainProcess(options)))
}
