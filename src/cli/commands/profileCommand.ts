/** `profile`: one training step of a config, kernel by kernel, timed by the GPU. */
import type { Command } from 'commander'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import { runSpecs } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import { Session } from '../../core/session/session'
import { type MatmulPeak, measureMatmulPeak } from '../../engine/profile/matmulPeak'
import { profileWork, type StepProfile, webGpuBackend } from '../../engine/profile/profile'
import { readStored } from '../data/datasets'
import { addConfigOptions, configOf } from '../terminal/configOptions'
import { type DeviceOptions, deviceName, startDevice } from '../terminal/device'
import { profileTable } from '../terminal/profileTable'
import { f16Option, tuneOption } from './trainCommand'

/** Steps before the one that is shown: the first compiles, the second is the first at full speed. */
const WARM_UP = 2

export function addProfileCommand(program: Command): void {
  const command = program
    .command('profile')
    .description(
      'Time one training step kernel by kernel on the GPU, and compare each with the fastest matrix product measured ' +
        'on the same device. Nothing is written. With --runs a step of each is profiled together.',
    )
    .option('--json', 'Print one object instead of a table')
    .addOption(tuneOption())
    .addOption(f16Option())
  addConfigOptions(command).action(async (options: Record<string, unknown>) => {
    const { tune, f16 } = options as Pick<DeviceOptions, 'tune' | 'f16'>
    await profile(configOf(options), options.json === true, { device: 'webgpu', tune, f16 })
  })
}

async function profile(config: RunConfig, json: boolean, where: DeviceOptions): Promise<void> {
  const [problem] = checkConfig(config)
  if (problem) throw new BasinError('config', problem)
  const device = await startDevice(where)
  console.error(`Device: ${deviceName(device)}.${device.note && ` ${device.note}`}`)
  const dataset = await loadDatasets(runSpecs(config), (own) => readStored(own))
  const session = new Session({ config, dataset })
  const started = performance.now()
  for (let i = 0; i < WARM_UP; i++) await session.stepOnce()
  console.error(`Warmed up in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
  const step = await profileWork(() => session.stepOnce())
  session.dispose()
  const peak = await measureMatmulPeak(webGpuBackend())
  print({ config, adapter: device.adapter, f16: device.f16, step, peak }, json)
}

interface Report {
  config: RunConfig
  adapter: string
  f16: boolean
  step: StepProfile
  peak: MatmulPeak
}

function print({ config, adapter, f16, step, peak }: Report, json: boolean): void {
  const { model_name: model, batch_size: batch, sam_rho: rho } = config
  if (json) {
    console.log(JSON.stringify({ adapter, f16, model, batch, rho, peak, ...step }))
    return
  }
  console.log(
    `\nOne step of ${model}, batch ${batch}, ρ = ${rho}, on ${adapter}${f16 ? ', f16 operands' : ''}\n`,
  )
  console.log(profileTable(step, peak.gflops))
  console.log(
    `\nPeak: ${peak.gflops.toFixed(1)} GFLOP/s in a ${peak.size} × ${peak.size} matrix product (${peak.kernel}).`,
  )
}
