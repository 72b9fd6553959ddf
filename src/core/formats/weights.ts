/**
 * A network's weights in a file, with the settings and the numbers they came with: safetensors or .npz.
 * Names are the layout's (the reference's); batch-norm statistics are `/path:mean` and `/path:var`. A checkpoint also
 * holds `optimizer/momentum/<name>`, `optimizer/mean_square/<name>`, `ema/<name>` and `ema/path:mean`.
 */
import { type RunConfig, runConfigSchema } from '../config/schema'
import { BasinError } from '../errors'
import type { Network } from '../models/network'
import { decodeNpz, encodeNpz } from './npz'
import { decodeSafetensors, encodeSafetensors } from './safetensors'
import type { NamedTensor, TensorInput } from './tensorData'
import { parts } from './weightParts'

export type WeightFormat = 'safetensors' | 'npz'

export interface WeightContents {
  network: Pick<Network, 'name' | 'params' | 'stats'>
  /** [P] */
  theta: Float32Array
  /** [S] */
  batchStats: Float32Array
  /** Vectors of [P]; checkpoints only. */
  optimizer?: { momentum: Float32Array; meanSquare?: Float32Array }
  ema?: { theta: Float32Array; batchStats: Float32Array }
  config: RunConfig
  /** Anything JSON can hold. */
  metrics: object
  /** Completed updates. */
  step: number
  /** More strings for the metadata. */
  extra?: Record<string, string>
}

export interface DecodedWeights {
  /** The name of the file, for messages. */
  filename: string
  tensors: Map<string, NamedTensor>
  /** Absent in files that are not ours. */
  config?: RunConfig
  metrics: Record<string, unknown>
  /** 0 in files that are not ours. */
  step: number
  /** Every other string of the metadata. */
  extra: Record<string, string>
}

/** The array of an .npz that holds the metadata, JSON in UTF-8; NumPy opens it as any other. */
const NPZ_METADATA = 'metadata.json'

/** @returns the file */
export function encodeWeights(contents: WeightContents, format: WeightFormat): Uint8Array {
  const { network, config, metrics, step, extra } = contents
  const tensors = new Map<string, TensorInput>()
  for (const { entries, prefix, values } of parts(network, contents)) {
    for (const { name, shape, offset, size } of entries) {
      tensors.set(prefix + name, { shape, data: values.subarray(offset, offset + size) })
    }
  }
  const metadata = {
    ...extra,
    producer: 'basin',
    network: network.name,
    step: String(step),
    run_config: JSON.stringify(config),
    metrics: JSON.stringify(metrics),
  }
  if (format === 'safetensors') return encodeSafetensors(tensors, metadata)
  const data = new TextEncoder().encode(JSON.stringify(metadata))
  return encodeNpz(tensors.set(NPZ_METADATA, { shape: [data.length], data }))
}

/**
 * Reads either kind, told apart by its first bytes.
 * @throws BasinError `file-format` naming the file and what is wrong with it
 */
export function decodeWeights(bytes: Uint8Array, filename: string): DecodedWeights {
  try {
    const { tensors, metadata } = isZip(bytes) ? readNpz(bytes) : decodeSafetensors(bytes)
    return { filename, tensors, ...readMetadata(metadata) }
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    throw new BasinError(error.code, `${filename}: ${error.message}`, error.remedy)
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
  const { producer, network, step, run_config, metrics, ...others } = metadata
  // Other programs may use these words too; ours says that it is ours.
  if (producer !== 'basin') return { metrics: {}, step: 0, extra: metadata }
  const config = runConfigSchema.safeParse(json('run_config', run_config))
  if (!config.success) {
    const [issue] = config.error.issues
    throw damaged('run_config', `${issue.path.join('.') || 'settings'}: ${issue.message}`)
  }
  if (!/^\d{1,15}$/.test(step)) throw damaged('step', `a whole number, got ${step}`)
  return {
    config: config.data,
    metrics: json('metrics', metrics),
    step: Number(step),
    extra: { ...others, network },
  }
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
