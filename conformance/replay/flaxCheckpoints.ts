/**
 * Kind `checkpoint`: a file of the reference is read, has the layout, values, step and epoch that the golden says, and
 * comes out byte for byte the same, both as a tree and by way of our training state.
 * Fields: file (beside the golden) or hex, layout; epoch, step, bytes; tensors params/, opt/, state/, ema/.
 * Kind `checkpoint layout`: the tree of a file that is not there, {0: {params}, 1: statistics}; one of our networks
 * must have exactly it.
 */
import { MODELS } from '../../src/core/config/models'
import { DEFAULT_CONFIG } from '../../src/core/config/schema'
import { type FlaxNode, isArray, readFlaxTree } from '../../src/core/formats/flax/flaxReader'
import { type FlaxInput, writeFlaxTree } from '../../src/core/formats/flax/flaxWriter'
import type { Network } from '../../src/core/models/network'
import { createNetwork } from '../../src/core/models/registry'
import {
  decodeFlax,
  encodeFlax,
  encodeFlaxPretrained,
  type FlaxCheckpoint,
} from '../../src/core/weights/flax'
import { layoutOfTensors } from '../../src/core/weights/layoutOfTensors'
import { emptyVectors, parts } from '../../src/core/weights/weightParts'
import { type CaseResult, Checks, Unsupported } from './checks'
import { fillByName } from './fillRule'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { readBeside } from './goldenFiles'

export function isCheckpoint({ json }: Golden): boolean {
  return isFields(json) && isFields(json.layout) && ('file' in json || 'hex' in json)
}

export async function* runCheckpoint({ name, folder, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const fields = json as Fields
  const file = await bytesOf(fields, folder)
  const checks = new Checks()
  if (typeof fields.bytes === 'number') checks.scalar('bytes', file.length, fields.bytes, 0)
  if (typeof fields.hex === 'string') checks.holds('hex', Buffer.from(file).toString('hex') === fields.hex)

  const tree = readFlaxTree(file)
  compareLayout(checks, describeTree(tree), fields.layout as Fields, '')
  const written = writeFlaxTree(asInput(tree) as ReadonlyMap<string, FlaxInput>)
  // Later Flax versions cut large arrays into chunks, which we read and never write.
  const chunked = Buffer.from(file).includes('__msgpack_chunked_array__')
  const original = chunked ? written : file
  checks.holds('tree read and written', same(written, original))

  const decoded = decodeFlax(file)
  if (typeof fields.step === 'number') checks.scalar('step', decoded.step, fields.step, 0)
  if (typeof fields.epoch === 'number') checks.scalar('epoch', decoded.epoch ?? Number.NaN, fields.epoch, 0)
  checks.holds('state read and written', same(throughState(decoded), original))
  compareValues(checks, decoded, tensors)
  if (tensors.size === 0 && /fill rule/.test(JSON.stringify(fields))) compareFill(checks, decoded, fields)
  yield { name, checks, note: chunked ? 'its arrays are in chunks, which are not written' : undefined }
}

/** A golden may bring the file, its bytes in its own text, or both. */
async function bytesOf({ file, hex }: Fields, folder: string): Promise<Uint8Array> {
  const bytes = typeof file === 'string' ? await readBeside(folder, file) : undefined
  if (bytes) return bytes
  if (typeof hex === 'string') return new Uint8Array(Buffer.from(hex, 'hex'))
  throw new Unsupported(`its file ${file} is not beside it`)
}

/** In our vectors and out of them. */
function throughState({ tensors, step, epoch, average, emptyModules }: FlaxCheckpoint): Uint8Array {
  const layout = { ...layoutOfTensors(tensors), emptyModules }
  const vectors = emptyVectors(layout, tensors)
  for (const { entries, prefix, values } of parts(layout, vectors)) {
    for (const { name, offset } of entries) {
      values.set(tensors.get(prefix + name)!.data as Float32Array, offset)
    }
  }
  if (epoch === undefined) return encodeFlaxPretrained(layout, vectors)
  return encodeFlax({ layout, vectors, step, epoch, average })
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

function asInput(node: FlaxNode): FlaxInput {
  if (node instanceof Map) return new Map([...node].map(([key, value]) => [key, asInput(value)]))
  if (isArray(node)) return { shape: node.shape, data: node.data as Float32Array | Int32Array }
  return Number(node)
}

/** `ext1 ndarray <f4 [3, 2]`, `int 3`: the goldens' words. */
function describeTree(node: FlaxNode): unknown {
  if (node instanceof Map) return Object.fromEntries([...node].map(([k, v]) => [k, describeTree(v)]))
  return isArray(node) ? `ext1 ndarray ${node.dtype} [${node.shape.join(', ')}]` : `int ${node}`
}

function compareLayout(checks: Checks, ours: unknown, theirs: unknown, path: string): void {
  if (!isFields(ours) || !isFields(theirs)) {
    checks.holds(`layout ${path}: ${theirs}, got ${ours}`, ours === theirs)
    return
  }
  const [a, b] = [Object.keys(ours), Object.keys(theirs)]
  checks.holds(`layout ${path}: keys ${b}, got ${a}`, String(a) === String(b))
  for (const key of b) compareLayout(checks, ours[key], theirs[key], `${path}/${key}`)
}

/** The goldens' prefixes and ours. */
const PREFIXES: [RegExp, string][] = [
  [/^params\/(.+)$/, '$1'],
  [/^state\/(.+)$/, '$1'],
  [/^opt\/(.+)\/momentum$/, 'optimizer/momentum/$1'],
  [/^opt\/(.+)\/v$/, 'optimizer/mean_square/$1'],
  [/^ema(?:_params|\/params)?\/(?!state\/)(.+)$/, 'ema/$1'],
  [/^ema(?:_state|\/state)\/(.+)$/, 'ema$1'],
]

function compareValues(checks: Checks, { tensors }: FlaxCheckpoint, expected: Tensors): void {
  for (const [name, { shape, data }] of expected) {
    const [pattern, ours] = PREFIXES.find(([candidate]) => candidate.test(name)) ?? []
    if (!pattern) throw new Unsupported(`tensor ${name}: an unknown prefix`)
    const tensor = tensors.get(name.replace(pattern, ours!))
    checks.holds(`${name}: shape [${shape}]`, String(tensor?.shape) === String(shape))
    checks.compare(name, (tensor?.data ?? []) as Float32Array, data, 0)
  }
}

function compareFill(checks: Checks, { tensors }: FlaxCheckpoint, { gain }: Fields): void {
  for (const [name, { shape, data }] of tensors) {
    const size = data.length
    const expected = fillByName({ name, shape, size }, typeof gain === 'number' ? gain : 1)
    checks.compare(name, data as Float32Array, expected, 0)
  }
}

type NamedShape = [name: string, shape: string]

export function isCheckpointLayout({ json }: Golden): boolean {
  if (!isFields(json) || !isFields(json[0]) || !isFields(json[1])) return false
  return isFields(json[0].params) && JSON.stringify(json).includes('ext1 ndarray')
}

export async function* runCheckpointLayout({ name, json }: Golden): AsyncGenerator<CaseResult> {
  const { 0: model, 1: state } = json as { 0: Fields; 1: Fields }
  const params = namedShapes(model.params as Fields, '')
  const stats = namedShapes(state, '').map(
    ([path, shape]): NamedShape => [path.replace(/\/(\w+)$/, ':$1'), shape],
  )
  const found = MODELS.find((candidate) => {
    const network = networkFor(candidate, params)
    return network && fits(network, params, stats)
  })
  const checks = new Checks()
  const what = `${params.length} parameters and ${stats.length} statistics of one of our networks`
  checks.holds(what, found !== undefined)
  yield { name, checks, note: found }
}

function networkFor(model_name: (typeof MODELS)[number], params: readonly NamedShape[]): Network | undefined {
  const classes = params.filter(([path]) => /dense.*\/bias$/i.test(path)).at(-1)?.[1]
  // The first convolution is the one that takes an image: a kernel of some size on 1 or 3 channels.
  const kernels = params.map(([, shape]) => shape.split(',').map(Number))
  const stem = kernels.find((shape) => shape.length === 4 && shape[0] > 1 && shape[2] <= 3)
  const image = { height: 32, width: 32, channels: stem?.[2] ?? 3 }
  try {
    return createNetwork({ ...DEFAULT_CONFIG, model_name, check_resolution: false }, image, Number(classes))
  } catch {
    return undefined
  }
}

/** Names, shapes and their order. */
function fits(network: Network, params: readonly NamedShape[], stats: readonly NamedShape[]): boolean {
  const list = (entries: readonly { name: string; shape: readonly number[] }[]) =>
    entries.map(({ name, shape }) => `${name} ${shape}`).join()
  const wanted = (entries: readonly NamedShape[]) => entries.map((entry) => entry.join(' ')).join()
  return list(network.params.entries) === wanted(params) && list(network.stats.entries) === wanted(stats)
}

function namedShapes(tree: Fields, path: string): NamedShape[] {
  return Object.entries(tree).flatMap(([key, node]) => {
    const here = path === '' ? key : `${path}/${key}`
    if (isFields(node)) return namedShapes(node, here)
    return [[here, /\[(.*)\]/.exec(String(node))?.[1].replaceAll(' ', '') ?? ''] as NamedShape]
  })
}
