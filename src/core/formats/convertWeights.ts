/** A weight file in another format, by its own names and shapes alone. */
import { byPath } from '../models/builder'
import { createNetwork } from '../models/registry'
import { fitWeights } from './fitWeights'
import { encodeFlaxPretrained } from './flax'
import { layoutOfTensors } from './layoutOfTensors'
import type { NamedTensor } from './tensorData'
import type { PartLayout } from './weightParts'
import { type DecodedWeights, encodeWeights, encodeWeightsAsTfjs } from './weights'

export const CONVERSIONS = ['safetensors', 'npz', 'flax', 'flax-pretrained', 'tfjs'] as const
export type Conversion = (typeof CONVERSIONS)[number]

/** @returns file names and contents; one but for tfjs */
export function convertWeights(decoded: DecodedWeights, format: Conversion): Map<string, Uint8Array> {
  const { tensors, metrics, step, extra } = decoded
  const { config } = decoded
  const implied = config ? undefined : (decoded.implied ?? {})
  const layout = { ...sortedLayout(tensors), emptyModules: decoded.emptyModules ?? emptyModulesOf(decoded) }
  const network = { name: extra.network ?? 'weights', ...layout }
  const vectors = fitWeights(decoded, network)
  if (format === 'flax-pretrained') return new Map([[format, encodeFlaxPretrained(layout, vectors)]])
  const epoch = Number(extra.epoch ?? 0)
  const { network: _, ...others } = extra
  const contents = { network, ...vectors, config, implied, metrics, step, epoch, extra: others }
  return format === 'tfjs'
    ? encodeWeightsAsTfjs(contents)
    : new Map([[format, encodeWeights(contents, format)]])
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
