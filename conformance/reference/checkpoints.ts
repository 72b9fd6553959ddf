/** Goldens of checkpoint files. */
import { MODELS } from '../../src/core/config/models'
import type { Network } from '../../src/core/models/network'
import type { Stored } from '../files'
import { type Fields, type GoldenCase, isFields, Unsupported } from '../golden'
import { type NetworkFields, networkOf } from '../replay/networks'
import { fieldsOf, maybe } from './words'

export const isCheckpoint = ({ json }: Stored): boolean =>
  isFields(json) && isFields(json.layout) && ('file' in json || 'hex' in json)

export function checkpoint({ name, json, tensors }: Stored): GoldenCase[] {
  const { file, hex, bytes, step, epoch, layout, gain } = json as Fields
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const numbers = { bytes: maybe(bytes), step: maybe(step), epoch: maybe(epoch) }
  const filled = tensors.size === 0 && /fill rule/.test(JSON.stringify(json))
  const fill = filled ? (maybe(gain) ?? 1) : undefined
  return [{ name, file: text(file), hex: text(hex), ...numbers, layout, gain: fill }]
}

type Listing = [name: string, shape: number[]][]

/** The tree of a file that is not there, {0: {params}, 1: statistics}. */
export const isCheckpointLayout = ({ json }: Stored): boolean =>
  isFields(fieldsOf(fieldsOf(json)[0]).params) &&
  isFields(fieldsOf(json)[1]) &&
  JSON.stringify(json).includes('ext1 ndarray')

export function checkpointLayout({ name, json }: Stored): GoldenCase[] {
  const { 0: model, 1: state } = json as { 0: Fields; 1: Fields }
  const params = listed(model.params as Fields)
  const stats = listed(state).map(([path, shape]): Listing[number] => [
    path.replace(/\/(\w+)$/, ':$1'),
    shape,
  ])
  return [{ name, network: networkWith(params), params, state: stats }]
}

/** The network of ours that has these parameters. */
function networkWith(params: Listing): NetworkFields {
  const [num_classes] = params.filter(([path]) => /dense.*\/bias$/i.test(path)).at(-1)?.[1] ?? []
  // The first convolution is the one that takes an image: a kernel of some size on 1 or 3 channels.
  const stem = params.find(([, shape]) => shape.length === 4 && shape[0] > 1 && shape[2] <= 3)?.[1]
  const wanted = params.map((one) => one.join(' ')).join()
  for (const model_name of MODELS) {
    const fields: NetworkFields = { model_name, image: [32, 32, stem?.[2] ?? 3], num_classes }
    const ours = built(fields)?.params.entries.map(({ name, shape }) => `${name} ${shape}`)
    if (ours?.join() === wanted) return fields
  }
  throw new Unsupported(`no network of ours has these ${params.length} parameters`)
}

function built(fields: NetworkFields): Network | undefined {
  try {
    return networkOf(fields)
  } catch {
    return undefined
  }
}

function listed(tree: Fields, path = ''): Listing {
  return Object.entries(tree).flatMap(([key, node]): Listing => {
    const here = path === '' ? key : `${path}/${key}`
    if (isFields(node)) return listed(node, here)
    const [, shape = ''] = /\[(.*)\]/.exec(String(node)) ?? []
    return [[here, shape.split(',').filter(Boolean).map(Number)]]
  })
}
