/** Runs for measures: weight files and folders, each with its settings, its data and its network. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import { checkConfig } from '../../core/config/validate'
import type { Dataset } from '../../core/data/dataset'
import type { MeasuredRun, Way } from '../../core/landscape/measures/measure'
import { openRun } from '../../core/library/archive'
import { FILES } from '../../core/library/record'
import { keptWay, unpackedFiles } from '../../core/library/waypoints'
import { type FreshStart, initBatchStats, initTheta } from '../../core/models/init'
import type { Network } from '../../core/models/network'
import { createNetwork } from '../../core/models/registry'
import { methodOf } from '../../core/optim/methods'
import type { RunKey } from '../../core/runs/metrics'
import { runSpecs, soloConfig } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import { laneKey } from '../../core/session/lane'
import { evaluatedWeights, trainedWeights } from '../../core/weights/pretrained'
import type { DecodedWeights } from '../../core/weights/weights'
import * as tf from '../../engine/tf'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { readRunConfig } from './runFolder'
import { type ChooseRun, readWeights } from './weightSource'

/** A run as it was read; nothing of it is on the device. */
export interface ReadRun {
  key: RunKey
  /** The file. */
  source: string
  step: number
  config: RunConfig
  decoded: DecodedWeights
}

/**
 * Reads runs from weight files of any kind, archives, run folders and folders of checkpoints. A file's own settings
 * count, then those of its run's folder; `fallback` is for files that have neither.
 * @throws BasinError naming the file and what is wrong with it
 */
export async function readRuns(
  paths: readonly string[],
  fallback: RunConfig,
  choose?: ChooseRun,
): Promise<ReadRun[]> {
  const runs: ReadRun[] = []
  for (const path of paths) {
    const decoded = await readWeights(path, choose)
    const own = settingsIn(decoded) ?? configBeside(decoded.filename)
    const config = soloConfig(own ?? { ...fallback, ...decoded.implied })
    const [problem] = checkConfig(config)
    if (problem) throw new BasinError('config', `${decoded.filename}: ${problem}`)
    const name = own ? methodOf(config).id : 'run'
    runs.push({
      key: numbered(name, runs),
      source: decoded.filename,
      step: decoded.step,
      config,
      decoded,
    })
  }
  return runs
}

/** The run's own, where the file has those of a whole session and says which of its runs it is. */
function settingsIn({ config, extra }: DecodedWeights): RunConfig | undefined {
  return config && (runSpecs(config).find(({ key }) => key === extra.run)?.config ?? config)
}

/** `sam`, `sam2`, `sam3` */
function numbered(name: string, runs: readonly Pick<ReadRun, 'key'>[]): RunKey {
  const taken = (key: string) => runs.some((run) => run.key === key)
  let key = name
  for (let n = 2; taken(key); n++) key = `${name}${n}`
  return key
}

/** How far above a checkpoint its run's folder may lie: `checkpoints`, `additional_ckpt_3`. */
const LEVELS = 3

function configBeside(file: string): RunConfig | undefined {
  const folder = folderOf(file, FILES.config)
  return folder === undefined
    ? undefined
    : readRunConfig(join(folder, FILES.config), 'Give a copy of the weight file alone, with flags.')
}

/** The folder above a checkpoint that holds a file of this name. */
function folderOf(file: string, name: string): string | undefined {
  let folder = dirname(file)
  for (let level = 0; level < LEVELS; level++) {
    if (existsSync(join(folder, name))) return folder
    folder = dirname(folder)
  }
  return undefined
}

/**
 * The runs with their data, their networks (one for those that are alike) and their weights on the device, which the
 * caller disposes.
 * @param load brings a config's images, as they are stored
 * @throws BasinError `tensor-mismatch` naming what does not fit
 */
export async function openRuns(
  runs: readonly ReadRun[],
  load: (config: RunConfig) => Promise<Dataset>,
): Promise<MeasuredRun[]> {
  const datasetOf = await loadDatasets(runs, load)
  const networks = new Map<string, Network>()
  const opened: MeasuredRun[] = []
  try {
    for (const run of runs) {
      const { key, config, decoded, step } = run
      const dataset = datasetOf(run)
      const alike = laneKey(run)
      const network = networks.get(alike) ?? createNetwork(config, dataset, dataset.classNames.length)
      networks.set(alike, network)
      const onDevice = ({ theta, batchStats }: FreshStart) => ({
        theta: tf.tensor1d(theta),
        batchStats: tf.tensor1d(batchStats),
      })
      const evaluated = evaluatedWeights(decoded, network)
      const training = trainedWeights(decoded, network)
      opened.push({
        key,
        config,
        network,
        dataset,
        ...onDevice(evaluated),
        training: { step, ...onDevice(training) },
        way: await wayOf(run, network, dataset),
      })
    }
    return opened
  } catch (error) {
    closeRuns(opened)
    throw error
  }
}

/** A weight file within a run's own, as weightSource.ts names it. */
const WITHIN = /^(.*\.zip): checkpoints\//i

/** Of the run that a checkpoint is of: its folder, or the file that it was unpacked from. */
function filesOf(checkpoint: string) {
  const [, archive] = WITHIN.exec(checkpoint) ?? []
  if (archive !== undefined) {
    const { contents } = openRun(new Uint8Array(readFileSync(archive)), archive)
    return unpackedFiles(contents, archive)
  }
  const folder = folderOf(checkpoint, FILES.record)
  return folder === undefined ? undefined : new FolderDataStore(folder)
}

/** What its folder keeps of its way; and where it began, unless that was another file's weights. */
async function wayOf({ config, decoded }: ReadRun, network: Network, { train }: Dataset): Promise<Way> {
  const files = filesOf(decoded.filename)
  const stepsPerEpoch = Math.max(1, stepsAnEpoch(train.count, config))
  const kept = files && (await keptWay(files, '', { network, stepsPerEpoch }))
  const fresh = !config.from_pretrained_checkpoint
  const steps = new Set([...(fresh ? [0] : []), ...(kept?.steps ?? [])])
  return {
    steps: [...steps].sort((a, b) => a - b),
    at: async (step) =>
      kept?.steps.includes(step)
        ? kept.at(step)
        : {
            theta: initTheta(network, config.run_seed, config.init_scale),
            batchStats: initBatchStats(network),
          },
  }
}

export function closeRuns(runs: readonly MeasuredRun[]): void {
  for (const { theta, batchStats, training } of runs) {
    tf.dispose([theta, batchStats])
    if (training) tf.dispose([training.theta, training.batchStats])
  }
}
