/** From settings to a session: checked, planned against the device, started from a file where it is asked for. */

import { BasinError, toPlain } from '../../base/errors'
import { type RunConfig, runConfigSchema } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import { inputSide } from '../../core/data/inputShape'
import type { Room } from '../../core/landscape/measures/room'
import type { Network } from '../../core/models/network'
import { planRun, seenIn } from '../../core/plan/runPlan'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import { Session } from '../../core/session/session'
import type { SessionOptions } from '../../core/session/sessionTypes'
import { type PretrainedStart, pretrainedStart } from '../../core/weights/pretrained'
import type { DecodedWeights } from '../../core/weights/weights'
import type { DeviceInfo, ImageSet, RunPlanInfo } from '../protocol'

/** @throws BasinError `config` naming the first setting that is out of its range */
export function checkedConfig(config: RunConfig): RunConfig {
  const parsed = runConfigSchema.safeParse(config)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new BasinError('config', `${issue.path.join('.')}: ${issue.message}`, 'Correct the setting.')
}

/** What a run on these images would need of the device, for the form. */
export function planFor(config: RunConfig, images: ImageSet, device: DeviceInfo): RunPlanInfo {
  const seenBy = ({ config: own }: RunSpec) => {
    const side = inputSide(images, own)
    return side === undefined ? images : { ...images, height: side, width: side }
  }
  const { problem, ...plan } = planRun(config, seenBy, device)
  return { ...plan, ...(problem && { problem: toPlain(problem) }) }
}

export interface SessionParts extends Pick<SessionOptions, 'config' | 'events' | 'resume' | 'openPool'> {
  dataset: (spec: RunSpec) => Dataset
  device: DeviceInfo
  /** What a fine-tuned run starts from. */
  pretrained: DecodedWeights | undefined
}

/** @throws BasinError when the run cannot fit the device, or nothing is there to fine-tune from */
export function buildSession({ device, pretrained, ...options }: SessionParts): Session {
  const { config, dataset, resume } = options
  // Before anything is on the device: what cannot fit would end what stands there now, too.
  const { problem } = planRun(config, (spec) => seenIn(dataset(spec)), device)
  if (problem) throw problem
  const startsNoRun = runSpecs(config).every(({ key }) => resume?.[key])
  const fresh = (network: Network, own: RunConfig) =>
    startsNoRun ? undefined : startOf(own, network, pretrained)
  return new Session({ ...options, fresh })
}

/** What a measure of its runs may take beside them. */
export function roomBeside(session: Session, device: DeviceInfo): Room {
  const { offer, memory } = planRun(session.config, ({ key }) => seenIn(session.run(key).dataset), device)
  return { ...offer, backend: device.backend, standing: memory.state }
}

/** Undefined for a run that starts at random. */
function startOf(
  config: RunConfig,
  network: Network,
  pretrained: DecodedWeights | undefined,
): PretrainedStart | undefined {
  if (!config.from_pretrained_checkpoint) return undefined
  if (pretrained) return pretrainedStart(pretrained, network, config.run_seed)
  throw new BasinError(
    'config',
    'from_pretrained_checkpoint: needs weights to start from, got none',
    'Choose a file with “Fine-tune from”, or turn fine-tuning off.',
  )
}
