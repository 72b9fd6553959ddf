/** A weight file in another format, by its own names and shapes alone. */
import { BasinError } from '../../base/errors'
import { stepsAnEpoch } from '../config/steps'
import type { NamedTensor } from '../formats/tensorData'
import { byPath } from '../models/builder'
import { createNetwork } from '../models/registry'
import { fitWeights } from './fitWeights'
import { encodeFlaxPretrained } from './flax'
import { layoutOfTensors } from './layoutOfTensors'
import { checkpointPath } from './newestCheckpoint'
import type { PartLayout } from './weightParts'
import { type DecodedWeights, encodeWeights, encodeWeightsAsTfjs } from './weights'

export const CONVERSIONS = ['safetensors', 'npz', 'flax', 'flax-pretrained', 'tfjs'] as const
export type Conversion = (typeof CONVERSIONS)[number]

/**
 * @returns file names and contents; one but for tfjs. Of a checkpoint at an epoch's end, flax is byte for byte the file
 * that the run writes beside it where asked to.
 * @throws BasinError `config` for flax within an epoch, `tensor-mismatch` where vectors are not whole
 */
export function convertWeights(decoded: DecodedWeights, format: Conversion): Map<string, Uint8Array> {
  const { tensors, metrics, step, extra } = decoded
  const { config } = decoded
  const implied = config ? undefined : (decoded.implied ?? {})
  const layout = { ...sortedLayout(tensors), emptyModules: decoded.emptyModules ?? emptyModulesOf(decoded) }
  const network = { name: extra.network ?? 'weights', ...layout }
  const vectors = fitWeights(decoded, network)
  if (format === 'flax-pretrained') return new Map([[format, encodeFlaxPretrained(layout, vectors)]])
  const epoch = epochOf(decoded)
  if (format === 'flax' && epoch === undefined) throw withinEpoch(decoded)
  const { network: _, epoch: __, ...others } = extra
  const contents = { network, ...vectors, config, implied, metrics, step, epoch, extra: others }
  return format === 'tfjs'
    ? encodeWeightsAsTfjs(contents)
    : new Map([[format, encodeWeights(contents, format)]])
}

/**
 * The epoch that a Flax file of this state has: the file's own word, else its name's, else what its settings make of its
 * step. 0 for weights that nobody trained here; undefined within an epoch, and where the epochs' length is not known.
 */
function epochOf({ extra, filename, step, config }: DecodedWeights): number | undefined {
  if (extra.epoch !== undefined && /^\d{1,15}$/.test(extra.epoch)) return Number(extra.epoch)
  if (step === 0) return 0
  const named = checkpointPath(filename.split(/[\\/]/).at(-1)!)
  if (named) return named.epoch
  if (!config || config.num_train_examples === null) return undefined
  const epochs = step / stepsAnEpoch(config.num_train_examples, config)
  return Number.isSafeInteger(epochs) ? epochs - 1 : undefined
}

function withinEpoch({ filename, step }: DecodedWeights): BasinError {
  return new BasinError(
    'config',
    `${filename}: flax: a state at an epoch’s end, the only one that the reference goes on from; got step ${step}, within an epoch or of epochs whose length the file does not say`,
    'Convert a checkpoint_<epoch>.safetensors, or choose --format flax-pretrained for the weights alone.',
  )
}

/** In the reference's order, whatever the file's was. */
function sortedLayout(tensors: ReadonlyMap<string, NamedTensor>): PartLayout {
  const isStat = (name: string) => name.startsWith('/')
  return layoutOfTensors(
    new Map([...tensors].sort(([a], [b]) => (isStat(a) && isStat(b) ? (a < b ? -1 : 1) : byPath(a, b)))),
  )
}

/** Modules without parameters stand in no file but Flax's; the network that the settings name knows them. */
function emptyModulesOf({ config, tensors }: DecodedWeights): readonly string[] {
  if (!config) return []
  const kernel = [...tensors.values()].find(({ shape }) => shape.length === 4)
  if (!kernel) return []
  const image = { height: 32, width: 32, channels: kernel.shape[2] }
  return createNetwork({ ...config, check_resolution: false }, image, 2).emptyModules
}
