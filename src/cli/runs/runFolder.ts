/**
 * One run's folder, named as the reference names it: `<output_dir>/lr_0.02/wd_0.0/rho_0.2/seed_0`. It belongs to the
 * settings it was made with, which lie in it as config.json.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { readStoredConfig } from '../../core/config/stored'
import { differingFields } from '../../core/config/validate'
import { onDisk, probeFolder } from '../../platform/node/folders'
import { pythonFloat } from '../terminal/pythonFloat'

const CONFIG = 'config.json'

/** `lr_0.02/wd_0.0/rho_0.2/seed_0` */
export function runPath({ learning_rate, weight_decay, sam_rho, run_seed }: RunConfig): string {
  return join(
    `lr_${pythonFloat(learning_rate)}`,
    `wd_${pythonFloat(weight_decay)}`,
    `rho_${pythonFloat(sam_rho)}`,
    `seed_${run_seed}`,
  )
}

/**
 * Whether a run can be kept in its folder: it is its own, or can be made. Leaves nothing behind.
 * @param folder absolute
 * @throws BasinError `config` when the folder is another run's, `storage` when it cannot be made
 */
export function checkRunFolder(folder: string, config: RunConfig): void {
  const path = join(folder, CONFIG)
  onDisk(folder, 'Choose another --output_dir.', () =>
    existsSync(path) ? checkSameRun(path, folder, config) : probeFolder(folder),
  )
}

/**
 * The settings in a run's folder.
 * @throws BasinError `file-format` naming what is wrong with them
 */
export function readRunConfig(path: string, remedy: string): RunConfig {
  let made: ReturnType<typeof readStoredConfig>
  try {
    made = readStoredConfig(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    throw new BasinError('file-format', `${path}: not JSON`, remedy)
  }
  if (!made.success) {
    const [issue] = made.error.issues
    throw new BasinError('file-format', `${path}: ${issue.path.join('.')}: ${issue.message}`, remedy)
  }
  return made.data
}

function checkSameRun(path: string, folder: string, config: RunConfig): void {
  const remedy = 'Use the flags it was made with, another --output_dir, or delete the folder to start anew.'
  const kept = readRunConfig(path, remedy)
  const differing = differingFields(kept, config)
  if (differing.length > 0) {
    const list = differing.map(
      (name) => `${name} ${JSON.stringify(kept[name])}, not ${JSON.stringify(config[name])}`,
    )
    throw new BasinError('config', `${folder} holds a run with ${list.join('; ')}`, remedy)
  }
}
