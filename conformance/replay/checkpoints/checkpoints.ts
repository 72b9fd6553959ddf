/**
 * Kind `checkpoint`: a file of the reference is read, has the layout, values, step and epoch that the golden says, and
 * comes out byte for byte the same, both as a tree and by way of our training state.
 * Tensors: params/, opt/, state/, ema/.
 */
import { type FlaxNode, isArray, readFlaxTree } from '../../../src/core/formats/flax/flaxReader'
import { type FlaxInput, writeFlaxTree } from '../../../src/core/formats/flax/flaxWriter'
import {
  decodeFlax,
  encodeFlax,
  encodeFlaxPretrained,
  type FlaxCheckpoint,
} from '../../../src/core/weights/flax'
import { layoutOfTensors } from '../../../src/core/weights/layoutOfTensors'
import { emptyVectors, parts } from '../../../src/core/weights/weightParts'
import { z } from '../../../src/core/zod'
import { isFields, type Tensors, Unsupported } from '../../golden'
import type { Checks } from '../checks'
import { fillByName } from '../fillRule'
import { kind } from '../kind'

const fields = z
  .strictObject({
    /** Beside the golden. */
    file: z.string().optional(),
    /** The bytes themselves, hexadecimal. */
    hex: z.string().optional(),
    bytes: z.number().optional(),
    step: z.number().optional(),
    epoch: z.number().optional(),
    /** Keys in the file's order, leaves in words: `ext1 ndarray <f4 [3, 2]`, `int 3`. */
    layout: z.record(z.string(), z.unknown()),
    /** Present where every value is the fill rule's. */
    gain: z.number().optional(),
  })
  .refine(({ file, hex }) => file ?? hex, 'a file or its bytes')

export const checkpoint = kind('checkpoint', fields, async (one, checks, { tensors, read }) => {
  const { hex } = one
  const stored = one.file && (await read(one.file).catch(orHex))
  const file = stored || new Uint8Array(Buffer.from(hex!, 'hex'))
  if (one.bytes !== undefined) checks.scalar('bytes', file.length, one.bytes, 0)
  if (hex !== undefined) checks.holds('hex', Buffer.from(file).toString('hex') === hex)

  const tree = readFlaxTree(file)
  compareLayout(checks, describeTree(tree), one.layout, '')
  const written = writeFlaxTree(asInput(tree) as ReadonlyMap<string, FlaxInput>)
  // Later Flax versions cut large arrays into chunks, which we read and never write.
  const chunked = Buffer.from(file).includes('__msgpack_chunked_array__')
  const original = chunked ? written : file
  checks.holds('tree read and written', same(written, original))

  const decoded = decodeFlax(file)
  if (one.step !== undefined) checks.scalar('step', decoded.step, one.step, 0)
  if (one.epoch !== undefined) checks.scalar('epoch', decoded.epoch ?? Number.NaN, one.epoch, 0)
  checks.holds('state read and written', same(throughState(decoded), original))
  compareValues(checks, decoded, tensors)
  if (one.gain !== undefined) compareFill(checks, decoded, one.gain)
  checks.note = chunked ? 'its arrays are in chunks, which are not written' : undefined

  function orHex(error: unknown): undefined {
    if (hex === undefined) throw error
  }
})

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

function compareFill(checks: Checks, { tensors }: FlaxCheckpoint, gain: number): void {
  for (const [name, { shape, data }] of tensors) {
    const size = data.length
    const expected = fillByName({ name, shape, size }, gain)
    checks.compare(name, data as Float32Array, expected, 0)
  }
}
