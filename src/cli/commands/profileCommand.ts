/** `profile`: one training step of a config, kernel by kernel. */
import { type Command, Option } from 'commander'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import { runSpecs } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import { Session } from '../../core/session/session'
import type { Device } from '../../engine/backend'
import { measureCorePeak } from '../../engine/profile/commands'
import { type MatmulPeak, measureMatmulPeak } from '../../engine/profile/matmulPeak'
import { profileWork, type StepProfile, webGpuBackend } from '../../engine/profile/profile'
import * as tf from '../../engine/tf'
import type { WasmBackend } from '../../engine/wasm/wasmBackend'
import { readStored } from '../data/datasets'
import { addConfigOptions, configOf } from '../terminal/configOptions'
import { type DeviceOptions, deviceText, startDevice } from '../terminal/device'
import { addKernelOptions } from '../terminal/options'
import { profileTable } from '../terminal/profileTable'

/** Steps before the one that is shown: the first compiles, the second is the first at full speed. */
const WARM_UP = 2
/** And seconds of them where JavaScript's engine compiles what is hot once more. */
const WARM_UP_SECONDS = 3
/** Steps timed by the clock, of which one is shown. */
const CLOCKED = 9

export function addProfileCommand(program: Command): void {
  const command = program
    .command('profile')
    .description(
      'Time one training step kernel by kernel, and compare each with the fastest matrix product measured on the ' +
        'same device. Nothing is written. With --runs a step of each is profiled together.',
    )
    .addOption(
      new Option(
        '--device <name>',
        'Where to compute: webgpu, timed by the GPU, or wasm, timed by the clock (the quickest of nine steps), on all cores (BASIN_THREADS=1: on one)',
      )
        .choices(['webgpu', 'wasm'])
        .default('webgpu'),
    )
    .option('--json', 'Print one object instead of a table')
  addConfigOptions(addKernelOptions(command)).action(async (options: Record<string, unknown>) => {
    const { device, tune, f16 } = options as unknown as DeviceOptions
    await profile(configOf(options), options.json === true, { device, tune, f16 })
  })
}

async function profile(config: RunConfig, json: boolean, where: DeviceOptions): Promise<void> {
  const [problem] = checkConfig(config)
  if (problem) throw new BasinError('config', problem)
  const device = await startDevice(where)
  console.error(deviceText(device))
  const dataset = await loadDatasets(runSpecs(config), (own) => readStored(own))
  const session = new Session({ config, dataset })
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const enough = device.backend === 'wasm' ? WARM_UP_SECONDS : 0
  for (let i = 0; i < WARM_UP || (seconds() < enough && session.step < session.totalSteps - 1); i++) {
    await session.stepOnce()
  }
  console.error(`Warmed up in ${seconds().toFixed(1)} s.`)
  let step = await profileWork(() => session.stepOnce())
  // The clock counts whatever else the processor does: of some steps the one that was least disturbed.
  for (let i = 1; device.backend === 'wasm' && i < CLOCKED && session.step < session.totalSteps - 1; i++) {
    const next = await profileWork(() => session.stepOnce())
    if (next.wallMs < step.wallMs) step = next
  }
  session.dispose()
  const peak = device.backend === 'wasm' ? peakOfCores() : await measureMatmulPeak(webGpuBackend())
  print({ config, device, step, peak }, json)
}

/** What one core reached, times the threads: more is not to be had. */
function peakOfCores(): MatmulPeak {
  const backend = tf.backend() as WasmBackend
  const { threads } = backend.machine
  const { gflops, size } = measureCorePeak(backend)
  const kernel = `${gflops.toFixed(1)} on one core × ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  return { gflops: gflops * threads, size, kernel }
}

interface Report {
  config: RunConfig
  device: Device
  step: StepProfile
  peak: MatmulPeak
}

function print({ config, device: { backend, adapter, f16 }, step, peak }: Report, json: boolean): void {
  const { model_name: model, batch_size: batch, sam_rho: rho } = config
  if (json) {
    console.log(JSON.stringify({ adapter, f16, model, batch, rho, peak, ...step }))
    return
  }
  console.log(
    `\nOne step of ${model}, batch ${batch}, ρ = ${rho}, on ${adapter}${f16 ? ', f16 operands' : ''}\n`,
  )
  console.log(profileTable(step, peak.gflops))
  if (backend === 'wasm') {
    const beside = step.wallMs - (step.deviceMs ?? 0)
    console.log(`\nBeside the kernels, in JavaScript: ${beside.toFixed(2)} of ${step.wallMs.toFixed(2)} ms.`)
  }
  console.log(
    `\nPeak: ${peak.gflops.toFixed(1)} GFLOP/s in a ${peak.size} × ${peak.size} matrix product (${peak.kernel}).`,
  )
}
