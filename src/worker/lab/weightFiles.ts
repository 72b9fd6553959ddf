/** Weights out of a session into a file, and from a file into the place of a run. */

import { zipSync } from 'fflate'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import type { Dataset } from '../../core/data/dataset'
import { createNetwork } from '../../core/models/registry'
import { costOf } from '../../core/optim/methods'
import type { RunKey } from '../../core/runs/metrics'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import type { RunSnapshot } from '../../core/session/sessionTypes'
import { fitWeights, stateFrom } from '../../core/weights/fitWeights'
import { openWeightFile } from '../../core/weights/weightArchive'
import {
  type DecodedWeights,
  decodeWeights,
  encodeWeights,
  encodeWeightsAsTfjs,
} from '../../core/weights/weights'
import type { KeptWeights } from '../keptWeights'
import type { ExportFormat, ImportSummary, WeightDownload } from '../protocol'

/**
 * Weights, statistics and average; settings and the numbers of the run's last evaluation in the metadata. As Flax the
 * whole training state, under the name that the reference looks for.
 */
export function packWeights(
  { key, session, network, config, stepsPerEpoch, metrics, f16, snapshot }: KeptWeights,
  format: ExportFormat,
): WeightDownload {
  const { theta, batchStats, slots, ema, step, seconds } = snapshot
  const extra = {
    run: key,
    rho: String(config.sam_rho),
    seconds: String(seconds),
    ...(f16 && { operands: 'f16' }),
  }
  const epochs = step / stepsPerEpoch
  const epoch = step > 0 && Number.isInteger(epochs) ? epochs - 1 : undefined
  const contents = {
    network,
    theta,
    batchStats,
    ema,
    config: session,
    metrics: metrics ?? {},
    step,
    epoch,
    extra,
  }
  const name = weightsName(config, key, step)
  if (format === 'tfjs') {
    const files = Object.fromEntries(encodeWeightsAsTfjs(contents))
    return { filename: `${name}_tfjs.zip`, bytes: zipSync(files, { level: 0 }) }
  }
  if (format === 'flax') {
    const finished = Math.max(0, Math.floor(epochs) - 1)
    return {
      filename: `checkpoint_${finished}`,
      bytes: encodeWeights({ ...contents, config, slots, epoch: finished }, format),
    }
  }
  return { filename: `${name}.${format}`, bytes: encodeWeights(contents, format) }
}

/** basin_mlp_sam_rho0.2_seed0_step2340 */
function weightsName(config: RunConfig, key: RunKey, step: number): string {
  const run = config.sam_rho > 0 ? `${key}_rho${config.sam_rho}` : key
  return `basin_${config.model_name}_${run}_seed${config.run_seed}_step${step}`
}

export interface WeightFile {
  decoded: DecodedWeights
  /** The file's own settings where it is one of ours. */
  config: RunConfig
}

/**
 * A file of any kind, or the newest checkpoint of an archive.
 * @throws BasinError `file-format` naming the file and what is wrong with it
 */
export async function readWeightFile(
  bytes: Uint8Array,
  filename: string,
  fallback: RunConfig,
): Promise<WeightFile> {
  const opened = await openWeightFile(bytes, filename)
  const decoded = decodeWeights(opened.bytes, opened.filename)
  return { decoded, config: decoded.config ?? { ...fallback, ...decoded.implied } }
}

export interface AdoptedWeights {
  run: RunKey
  snapshot: RunSnapshot
  summary: ImportSummary
}

/**
 * Checks every tensor against the network of the file's settings on `dataset`; touches nothing.
 * @param wanted the run to put them in place of; where the settings have no such run, their first
 * @throws BasinError `tensor-mismatch` or `file-format`
 */
export function adoptWeights(
  { decoded, config: session }: WeightFile,
  wanted: RunKey,
  datasetOf: (spec: RunSpec) => Dataset,
): AdoptedWeights {
  const specs = runSpecs(session)
  const spec = specs.find(({ key }) => key === wanted) ?? specs[0]
  const { config } = spec
  const dataset = datasetOf(spec)
  const network = createNetwork(config, dataset, dataset.classNames.length)
  const fitted = fitWeights(decoded, network)
  const { step, filename } = decoded
  const totalSteps = stepsAnEpoch(dataset.train.count, config) * config.num_epochs
  if (step > totalSteps) {
    const [whose, remedy] = decoded.config
      ? ['its own', 'Export the weights again; this file was changed.']
      : ['the page’s', 'Set the epochs, batch size and training images that it was trained with.']
    throw new BasinError(
      'file-format',
      `${filename}: step: at most ${totalSteps}, the last of ${whose} settings, got ${step}`,
      remedy,
    )
  }
  const snapshot: RunSnapshot = {
    ...stateFrom(fitted, config),
    step,
    gradientEvaluations: costOf(config, step, totalSteps),
    seconds: Math.max(0, Number(decoded.extra.seconds) || 0),
  }
  const message = describe(decoded, spec, fitted.slots !== undefined)
  return { run: spec.key, snapshot, summary: { run: spec.key, config: session, step, message } }
}

/** What was taken and what was not, in a sentence or two. */
function describe(
  { filename, config, step, extra, implied }: DecodedWeights,
  { key, label: name }: RunSpec,
  hasMomentum: boolean,
): string {
  const origin = config
    ? `${filename} stands as ${name} at step ${step}, with its own settings.`
    : implied
      ? `${filename} stands as ${name} at step ${step}, with the settings of this page: a Flax checkpoint has none.`
      : `${filename} stands as ${name} at step 0, with the settings of this page: the file names none.`
  const other = extra.run && extra.run !== key ? ` It was exported from ${extra.run.toUpperCase()}.` : ''
  const momentum = hasMomentum ? '' : ' Momentum starts at zero.'
  return origin + other + momentum
}
