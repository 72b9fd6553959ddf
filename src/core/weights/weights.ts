/**
 * A network's weights in a file, with the settings and the numbers they came with: safetensors or .npz; or the
 * reference's Flax checkpoint, which knows of neither.
 * Names are the layout's (the reference's); batch-norm statistics are `/path:mean` and `/path:var`. A checkpoint also
 * holds what the optimizer and the method keep (`optimizer/momentum/<name>`), `ema/<name>` and `ema/path:mean`; of a run with
 * several replicas `replicas/batch_stats` and `replicas/ema_batch_stats` too.
 */

import { BasinError, within } from '../../base/errors'
import { type RunConfig, someSettingsSchema } from '../config/schema'
import { readStoredConfig } from '../config/stored'
import { isFlax } from '../formats/flax/flaxReader'
import { decodeNpz, encodeNpz } from '../formats/npz'
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '../formats/safetensors'
import type { NamedTensor, TensorInput } from '../formats/tensorData'
import { EMA_WARMUP_STEPS } from '../optim/ema'
import { optimizerKeeping } from '../optim/optimizers'
import type { Slots } from '../optim/slots'
import type { z } from '../zod'
// What is wrong with settings is said in zod's words.
import '../zod'
import { decodeFlax, encodeFlax } from './flax'
import { checkTensorSum, TENSOR_SUM, tensorSum, tensorSumBeside } from './tensorSum'
import { encodeTfjs } from './tfjsManifest'
import { type PartLayout, parts } from './weightParts'

export type WeightFormat = 'safetensors' | 'npz' | 'flax'

export interface WeightContents {
  network: PartLayout & { name: string }
  /** [P] */
  theta: Float32Array
  /** [S] */
  batchStats: Float32Array
  /** Vectors of [P]; checkpoints only. */
  slots?: Slots<Float32Array>
  ema?: { theta: Float32Array; batchStats: Float32Array }
  /** [R, S], every replica's own; safetensors and .npz checkpoints of runs with several. */
  replicaStats?: { now: Float32Array; ema?: Float32Array }
  /** Absent where nobody knows them any more: converted files of others. */
  config?: RunConfig
  implied?: Partial<RunConfig>
  /** Anything JSON can hold. */
  metrics: object
  /** Completed updates. */
  step: number
  /** The epoch of a Flax file of this state, counted from 0; absent within an epoch. */
  epoch?: number
  /** More strings for the metadata. */
  extra?: Record<string, string>
}

export interface DecodedWeights {
  /** The name of the file, for messages. */
  filename: string
  tensors: Map<string, NamedTensor>
  /** Absent in files that are not ours. */
  config?: RunConfig
  /** What a file without settings says of them by what it holds. */
  implied?: Partial<RunConfig>
  /** Modules without parameters, where the file says so. */
  emptyModules?: readonly string[]
  metrics: Record<string, unknown>
  /** 0 in files that are not ours. */
  step: number
  /** Every other string of the metadata; `epoch` where a Flax file of this state has one. */
  extra: Record<string, string>
}

/** The array of an .npz that holds the metadata, JSON in UTF-8; NumPy opens it as any other. */
const NPZ_METADATA = 'metadata.json'

/** @param sum by `weightsSum`, where it is known @returns the file */
export function encodeWeights(contents: WeightContents, format: WeightFormat, sum?: string): Uint8Array {
  if (format === 'flax') return encodeAsFlax(contents)
  const tensors = namedTensors(contents)
  const metadata = metadataOf(contents)
  if (format === 'safetensors') {
    return encodeSafetensors(tensors, { ...metadata, [TENSOR_SUM]: sum ?? tensorSum(tensors) })
  }
  const data = new TextEncoder().encode(JSON.stringify(metadata))
  return encodeNpz(tensors.set(NPZ_METADATA, { shape: [data.length], data }))
}

/** The sum in a safetensors file of these weights, made beside this thread. */
export const weightsSum = (contents: WeightContents): Promise<string> =>
  tensorSumBeside(namedTensors(contents))

/** TensorFlow.js's manifest and shards. @returns file names and contents */
export function encodeWeightsAsTfjs(contents: WeightContents): Map<string, Uint8Array> {
  return encodeTfjs(namedTensors(contents), metadataOf(contents))
}

function namedTensors(contents: WeightContents): Map<string, TensorInput> {
  const tensors = new Map<string, TensorInput>()
  for (const { entries, prefix, values } of parts(contents.network, contents)) {
    for (const { name, shape, offset, size } of entries) {
      tensors.set(prefix + name, { shape, data: values.subarray(offset, offset + size) })
    }
  }
  return tensors
}

function metadataOf({
  network,
  config,
  implied,
  metrics,
  step,
  epoch,
  extra,
}: WeightContents): Record<string, string> {
  return {
    ...extra,
    producer: 'basin',
    network: network.name,
    step: String(step),
    ...(epoch !== undefined && { epoch: String(epoch) }),
    ...(config && { run_config: JSON.stringify(config) }),
    ...(implied && { implied: JSON.stringify(implied) }),
    metrics: JSON.stringify(metrics),
  }
}

/** The whole training state; settings and numbers have no place in such a file. */
function encodeAsFlax({ network, theta, batchStats, slots, ema, ...run }: WeightContents): Uint8Array {
  return encodeFlax({
    layout: network,
    vectors: { theta, batchStats, slots, ema },
    step: run.step,
    epoch: run.epoch ?? 0,
    average: { decay: (run.config ?? run.implied)?.ema_decay ?? 0, warmupSteps: EMA_WARMUP_STEPS },
  })
}

/**
 * Reads any kind, told apart by its first bytes.
 * @throws BasinError `file-format` naming the file and what is wrong with it
 */
export function decodeWeights(bytes: Uint8Array, filename: string): DecodedWeights {
  return within(filename, () => {
    if (isFlax(bytes) && !isSafetensors(bytes)) return { filename, ...readFlax(bytes) }
    if (!isZip(bytes) && !isSafetensors(bytes)) throw noWeights(bytes)
    const { tensors, metadata } = isZip(bytes) ? readNpz(bytes) : readSafetensors(bytes)
    return { filename, tensors, ...readMetadata(metadata) }
  })
}

/** A header's length, which may begin as a msgpack map does and is no larger than a file; then its brace. */
const isSafetensors = (bytes: Uint8Array) => bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0

function noWeights(bytes: Uint8Array): BasinError {
  const head = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return new BasinError(
    'file-format',
    `a weight file (safetensors, .npz or a Flax checkpoint), got ${head ? `one that begins with ${head}` : 'an empty one'}`,
    'Choose a file of weights; an image, a text or a data set is none.',
  )
}

/** @throws BasinError `file-format` also where one of ours holds other values than it was written with */
function readSafetensors(bytes: Uint8Array): Safetensors {
  const file = decodeSafetensors(bytes)
  if (isOurs(file.metadata)) checkTensorSum(file.tensors, file.metadata)
  return file
}

/** Other programs may use our words too; ours says that it is ours. */
const isOurs = ({ producer }: Record<string, string>) => producer === 'basin'

function readFlax(bytes: Uint8Array): Omit<DecodedWeights, 'filename'> {
  const { tensors, step, epoch, average, slots, emptyModules } = decodeFlax(bytes)
  const training = epoch !== undefined
  // The file has float32: 0.9 is 0.8999999762.
  const decay = average ? Number(average.decay.toPrecision(7)) : 0
  return {
    tensors,
    step,
    emptyModules,
    metrics: {},
    extra: training ? { epoch: String(epoch) } : {},
    implied: training ? { ...optimizerKeeping(slots)?.settings, ema_decay: decay } : {},
  }
}

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b

function readNpz(bytes: Uint8Array): { tensors: Map<string, NamedTensor>; metadata: Record<string, string> } {
  const tensors = decodeNpz(bytes)
  const text = tensors.get(NPZ_METADATA)
  if (!text) return { tensors, metadata: {} }
  tensors.delete(NPZ_METADATA)
  if (!(text.data instanceof Uint8Array)) throw damaged(NPZ_METADATA, 'an array of bytes')
  const metadata = json(NPZ_METADATA, new TextDecoder().decode(text.data))
  if (!Object.values(metadata).every((value) => typeof value === 'string')) {
    throw damaged(NPZ_METADATA, 'an object of strings')
  }
  return { tensors, metadata: metadata as Record<string, string> }
}

function readMetadata(metadata: Record<string, string>): Omit<DecodedWeights, 'filename' | 'tensors'> {
  if (!isOurs(metadata)) return { metrics: {}, step: 0, extra: metadata }
  const { producer, network, step, run_config, implied, metrics, [TENSOR_SUM]: _, ...others } = metadata
  if (!/^\d{1,15}$/.test(step)) throw damaged('step', `a whole number, got ${step}`)
  return {
    ...(implied === undefined
      ? { config: settings(readStoredConfig, 'run_config', run_config) }
      : { implied: given(settings(someSettingsSchema.safeParse, 'implied', implied), implied) }),
    metrics: json('metrics', metrics),
    step: Number(step),
    extra: { ...others, network },
  }
}

/** Without the defaults that a schema fills in. */
function given(values: Partial<RunConfig>, text: string): Partial<RunConfig> {
  const keys = Object.keys(json('implied', text))
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)))
}

function settings<T>(
  read: (value: unknown) => z.core.util.SafeParseResult<T>,
  what: string,
  text: string | undefined,
): T {
  const parsed = read(json(what, text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw damaged(what, `${issue.path.join('.') || 'settings'}: ${issue.message}`)
}

function json(what: string, text: string | undefined): Record<string, unknown> {
  try {
    const value = JSON.parse(text ?? '')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below.
  }
  throw damaged(what, 'a JSON object')
}

function damaged(what: string, rule: string): BasinError {
  return new BasinError(
    'file-format',
    `metadata: ${what}: ${rule}`,
    'Export the weights again; this file was changed, or another version of Basin wrote it.',
  )
}
