/** Options that several commands have, and numbers as they are read. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { TUNE_MODES } from '../../engine/tuning/tune'
import { DEVICE_CHOICES, type DeviceChoice } from './device'

/** Where and how to compute: `DeviceOptions`. */
export const addDeviceOptions = (command: Command): Command =>
  addKernelOptions(command.addOption(deviceOption()))

export function deviceOption(fallback: DeviceChoice = 'auto'): Option {
  return new Option(
    '--device <name>',
    'Where to compute; auto is a GPU by WebGPU where there is one, else wasm',
  )
    .choices(DEVICE_CHOICES)
    .default(fallback)
}

/** How kernels are chosen, and what they multiply. */
export function addKernelOptions(command: Command): Command {
  const tune = new Option(
    '--tune <mode>',
    'Choose kernels by timing them at the first use of a shape: auto on GPUs, on also on adapters that run on the CPU (slow to compile), off by rule',
  )
  return command
    .addOption(tune.choices(TUNE_MODES).default('auto'))
    .option(
      '--f16',
      'Keep what convolutions and dense layers multiply in 16-bit floats, with sums in 32: half the memory for it, other last digits; refused where the device has no shader-f16',
    )
}

export function atLeast(least: number, whole = false) {
  return (text: string): number => {
    const value = Number(text)
    if (value >= least && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value
    throw new InvalidArgumentError(`${whole ? 'whole number' : 'number'}, ${least} or more`)
  }
}

export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`whole number, ${min} to ${max}`)
  }
}
