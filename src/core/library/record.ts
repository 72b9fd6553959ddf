/**
 * What is known of a kept run beside its curves and weights: run.json in its folder. Plain data, checked when it is
 * read, so that a folder from elsewhere cannot bring anything else in.
 */
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import { readStoredConfig } from '../config/stored'
import { EVALUATION_COLUMNS } from '../runs/metrics'
import { z } from '../zod'

/** Of the folder: a newer one is refused in words, an older one read as what it is now. */
export const RUN_FORMAT = 1

/**
 * running: being trained, or ended without a word. interrupted: found so at opening. The others ended as they say.
 */
export const RUN_STATES = ['running', 'paused', 'finished', 'stopped', 'diverged', 'interrupted'] as const
export type RunState = (typeof RUN_STATES)[number]

/** What a run learns from. */
export interface RunData {
  numTrain: number
  numTest: number
  numClasses: number
  classNames: string[]
  /** How many training labels were replaced. */
  numWrongLabels: number
}

const count = z.number().int().nonnegative()
const text = z.string().max(4000)
/** Missing fields have their defaults, fields of earlier versions their translation. */
export const storedSettings = z.unknown().transform((value, context): RunConfig => {
  const read = readStoredConfig(value)
  if (read.success) return read.data
  context.addIssue({ code: 'custom', message: 'settings of a run' })
  return z.NEVER
})

const recordSchema = z.object({
  format: z.literal(RUN_FORMAT),
  /** Unique; also the name of its folder among kept runs. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{3,63}$/),
  /** For people: memorable, theirs to change. */
  name: text.min(1),
  notes: text,
  pinned: z.boolean(),
  hidden: z.boolean(),
  /** Runs with the same one were trained together. */
  experiment: text,
  /** Which of them. */
  key: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
  label: text.min(1),
  config: storedSettings,
  /** The settings of its session, list of runs and all. */
  session: storedSettings,
  version: text,
  device: text,
  /** ISO 8601. */
  created: text,
  updated: text,
  state: z.enum(RUN_STATES),
  /** Of the newest checkpoint. */
  step: count,
  stepsPerEpoch: count.min(1),
  totalSteps: count,
  numParams: count,
  data: z.object({
    numTrain: count,
    numTest: count,
    numClasses: count,
    classNames: z.array(text),
    numWrongLabels: count,
  }),
  /** It came as TensorBoard's curves: settings, data and weights are unknown, and `config` says nothing. */
  curvesOnly: z.literal(true).optional(),
  /** The run that it was forked from, and at which step. */
  parent: z.object({ id: text, step: count }).optional(),
  /** The newest row and evaluation, so that a list needs no curves. */
  last: z
    .object({ gradientEvaluations: z.number(), seconds: z.number(), gap: z.number().nullable() })
    .optional(),
  evaluation: z.partialRecord(z.enum(EVALUATION_COLUMNS), z.number()).optional(),
  bestTestErrorRate: z.number().optional(),
  /** Largest eigenvalue of the Hessian, its trace, and width of the basin, where they were measured. */
  measured: z
    .object({
      lambda1: z.number().optional(),
      trace: z.number().optional(),
      width: z.number().optional(),
    })
    .optional(),
  /** A measure of these weights that was cut off: what was asked, of which runs at which steps, how far it had come. */
  unfinished: z
    .object({
      measure: text,
      settings: z.record(z.string(), z.unknown()),
      runs: z.array(z.object({ id: text, step: count })).min(1),
      done: count,
      total: count,
    })
    .optional(),
  /** SHA-256 of θ at the end, as little-endian floats. */
  parametersSha256: z.string().optional(),
  /** The step at which it left the numbers; the checkpoint is the last before. */
  divergedAt: count.optional(),
  problem: text.optional(),
})

export type RunRecord = z.infer<typeof recordSchema>

/**
 * @param where of the file, for messages
 * @throws BasinError `file-format` naming what is wrong, `unsupported` for a run of a newer version
 */
export function readRecord(bytes: Uint8Array, where: string): RunRecord {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new BasinError('file-format', `${where}: JSON, got something else`, REMEDY)
  }
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > RUN_FORMAT) {
    throw new BasinError(
      'unsupported',
      `${where}: a run of format ${RUN_FORMAT}, got ${format}: a newer Basin wrote it`,
      'Open it with that version.',
    )
  }
  const parsed = recordSchema.safeParse(value)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new BasinError('file-format', `${where}: ${path.join('.') || 'record'}: ${message}`, REMEDY)
  }
  return parsed.data
}

const REMEDY = 'The file was changed or cut short; take it from where it came from again.'

export const writeRecord = (record: RunRecord): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`)

/** A run's folder among kept runs, and the names of what lies in it. */
export const FILES = {
  record: 'run.json',
  config: 'config.json',
  metrics: 'metrics.csv',
  checkpoints: 'checkpoints/',
  measures: 'measures/',
  points: 'points/',
} as const
