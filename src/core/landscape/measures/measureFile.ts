/**
 * What a measure found, in one file: all its arrays as .npz, with what they were computed with, and read back from it.
 * Words and truth values, which arrays have not, stand in the metadata.
 */
import { BasinError, within } from '../../../base/errors'
import type { RunConfig } from '../../config/schema'
import { decodeNpz, encodeNpz } from '../../formats/npz'
import type { NamedTensor } from '../../formats/tensorData'
import { storedSettings } from '../../library/record'
import type { RunKey } from '../../runs/metrics'
import { z } from '../../zod'
import { type Finding, findingKey, type Measure, type Values, type Vectors } from './measure'
import { arraysOf } from './tables'

/** The array of an .npz that holds the rest, JSON in UTF-8, as in weight files. */
const METADATA = 'metadata.json'

/** What is known of a run that was looked at. */
export interface AboutRun {
  key: RunKey
  step: number
  run_config: RunConfig
  /** SHA-256 of the weights that were looked at, as little-endian floats. */
  parameters_sha256?: string
  [more: string]: unknown
}

export interface MeasureContents {
  measure: Pick<Measure, 'id' | 'about' | 'yields'>
  settings: Record<string, unknown>
  device: string
  runs: readonly AboutRun[]
  findings: readonly Finding[]
  cancelled: boolean
  /** As `Finding.runs` and a name say: `sam/d1`. */
  vectors?: Vectors
}

export function encodeMeasure(contents: MeasureContents): Uint8Array {
  const { measure, settings, device, runs, findings, cancelled, vectors } = contents
  const plain = findings.map((finding) => plainValues(finding, measure.yields))
  const metadata = {
    producer: 'basin',
    measure: measure.id,
    about: measure.about,
    settings,
    device,
    ...(cancelled && { cancelled }),
    yields: measure.yields,
    runs,
    findings: plain,
  }
  const data = new TextEncoder().encode(JSON.stringify(metadata))
  const arrays = arraysOf(measure, findings)
  for (const [name, vector] of vectors ?? []) arrays.set(name, { shape: [vector.length], data: vector })
  return encodeNpz(arrays.set(METADATA, { shape: [data.length], data }))
}

/** Of whom it is, and of its values those that an array does not say. */
function plainValues({ runs, values }: Finding, yields: Measure['yields']) {
  const said = Object.keys(yields).flatMap((name) => {
    const value = values[name]
    return typeof value === 'boolean' || Array.isArray(value) ? [[name, value]] : []
  })
  return { runs, values: Object.fromEntries(said) }
}

/** A file of a measure as it was read. */
export interface StoredMeasure extends Omit<MeasureContents, 'measure' | 'vectors'> {
  /** As it was called; there may be no such measure here. */
  id: string
  about: string
  yields: Measure['yields']
}

const metadataSchema = z.object({
  producer: z.literal('basin'),
  measure: z.string().min(1),
  about: z.string().default(''),
  settings: z.record(z.string(), z.unknown()),
  device: z.string().default(''),
  cancelled: z.boolean().default(false),
  yields: z.record(z.string(), z.array(z.string())),
  runs: z
    .array(z.looseObject({ key: z.string().min(1), step: z.number().int(), run_config: storedSettings }))
    .min(1),
  /** Files of the first versions have none. */
  findings: z
    .array(
      z.object({
        runs: z.array(z.string()).min(1),
        values: z.record(z.string(), z.union([z.boolean(), z.array(z.string())])),
      }),
    )
    .optional(),
})

/**
 * @param where of the file, for messages
 * @throws BasinError `file-format` naming what is wrong
 */
export function decodeMeasure(bytes: Uint8Array, where: string): StoredMeasure {
  const tensors = within(where, () => decodeNpz(bytes))
  const parsed = metadataSchema.safeParse(metadataOf(tensors))
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new BasinError(
      'file-format',
      `${where}: a measure of Basin, got ${path.length > 0 ? `${path.join('.')}: ${message}` : 'another file'}`,
      'Choose an .npz that Basin’s page or `measure` wrote.',
    )
  }
  const { measure, findings, runs, ...rest } = parsed.data
  const known = findings ?? keysIn(tensors).map((key) => ({ runs: key.split('..'), values: {} }))
  return {
    ...rest,
    id: measure,
    runs: runs as AboutRun[],
    findings: known.map((finding) => ({
      runs: finding.runs,
      values: { ...arrayValues(tensors, findingKey(finding), rest.yields, where), ...finding.values },
    })),
  }
}

function metadataOf(tensors: ReadonlyMap<string, NamedTensor>): { measure?: unknown } | undefined {
  const bytes = tensors.get(METADATA)?.data
  if (!(bytes instanceof Uint8Array)) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as { measure?: unknown }
  } catch {
    return undefined
  }
}

/** Before metadata said whose they are: the first part of their names. */
const keysIn = (tensors: ReadonlyMap<string, NamedTensor>): string[] => [
  ...new Set([...tensors.keys()].filter((name) => name.includes('/')).map((name) => name.split('/')[0])),
]

function arrayValues(
  tensors: ReadonlyMap<string, NamedTensor>,
  key: string,
  yields: Measure['yields'],
  where: string,
): Values {
  const values: Values = {}
  for (const [name, axes] of Object.entries(yields)) {
    const tensor = tensors.get(`${key}/${name}`)
    if (!tensor) continue
    if (tensor.shape.length !== axes.length) {
      throw new BasinError(
        'file-format',
        `${where}: ${key}/${name}: over ${axes.join(', ') || 'no axis'}, got [${tensor.shape}]`,
        'The file was changed; take it from where it came from again.',
      )
    }
    const numbers = Float64Array.from(tensor.data as Float64Array)
    values[name] = axes.length === 0 ? numbers[0] : numbers
  }
  return values
}
