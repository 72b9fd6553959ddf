/** `conformance`: replays goldens of the reference through the shipped code. */
import type { Command } from 'commander'
import { type DeviceChoice, deviceName, startDevice } from '../src/cli/terminal/device'
import { deviceOption } from '../src/cli/terminal/options'
import { fromUser } from '../src/cli/terminal/paths'
import { runConformance } from './run'

export function addConformanceCommand(program: Command): void {
  program
    .command('conformance')
    .description(
      'Replay golden cases (.json and .safetensors pairs, or folders of them) through the shipped code. ' +
        'Exits with 1 when one failed or is unsupported.',
    )
    .argument('<path...>', 'files and folders')
    .addOption(deviceOption('cpu'))
    .action(async (paths: string[], options: { device: DeviceChoice }) => {
      const device = await startDevice({ device: options.device })
      console.error(`Device: ${deviceName(device)}.`)
      const { failed, unsupported } = await runConformance(paths.map(fromUser), {
        write: (line) => console.log(line),
      })
      process.exitCode = failed + unsupported > 0 ? 1 : 0
    })
}
