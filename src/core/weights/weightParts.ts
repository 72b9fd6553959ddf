/** Which flat vectors a weight file is made of, and under which names their pieces stand. */

import { elementCount, type NamedTensor } from '../formats/tensorData'
import { METHODS } from '../optim/methods'
import { OPTIMIZERS, optimizerKeeping } from '../optim/optimizers'
import type { Slot, Slots } from '../optim/slots'

export interface WeightVectors {
  /** [P] */
  theta: Float32Array
  /** [S] */
  batchStats: Float32Array
  /** [P] each, what the optimizer and the method keep; absent where the file has none. */
  slots?: Slots<Float32Array>
  ema?: { theta: Float32Array; batchStats: Float32Array }
  /** [R, S], every replica's own; `batchStats` is their mean. */
  replicaStats?: { now: Float32Array; ema?: Float32Array }
}

export interface PartEntry {
  name: string
  shape: readonly number[]
  offset: number
  size: number
}

export interface WeightPart {
  entries: readonly PartEntry[]
  prefix: string
  values: Float32Array
}

/** What of a network decides its files; a Network is one. */
export interface PartLayout {
  params: { entries: readonly PartEntry[]; size: number }
  stats: { entries: readonly PartEntry[]; size: number }
  /** Paths of modules without parameters, which a Flax file keeps as empty maps. */
  emptyModules?: readonly string[]
}

// A statistic's name begins with a slash, so `ema` needs none before it.
export const PREFIXES = {
  ema: 'ema/',
  emaStats: 'ema',
  replicas: 'replicas/',
}

/** Every vector that an optimizer or a method may keep. */
export const SLOTS: readonly Slot[] = [
  ...new Map(
    [...OPTIMIZERS, ...METHODS].flatMap(({ slots }) => slots.map((slot) => [slot.name, slot] as const)),
  ).values(),
]

/** What the names of tensors begin with that are not weights or statistics. */
export const TRAINING_PREFIXES = [...SLOTS.map(({ file }) => file), ...Object.values(PREFIXES)]

/**
 * Differs: the reference keeps the mean alone, and every replica goes on from it; a run that goes on bit for bit
 * needs each replica's own. They are one matrix, rows in the order of the replicas, columns in the layout's.
 */
const REPLICA_STATS = { now: `${PREFIXES.replicas}batch_stats`, ema: `${PREFIXES.replicas}ema_batch_stats` }

/** The vectors that are there, in the order of the file. */
export function parts(layout: PartLayout, vectors: WeightVectors): WeightPart[] {
  const { theta, batchStats, slots, ema, replicaStats } = vectors
  const ofReplicas = (name: string, values?: Float32Array) => {
    const { size: count } = layout.stats
    const shape = [(values?.length ?? 0) / count, count]
    return { entries: [{ name, shape, offset: 0, size: values?.length ?? 0 }], prefix: '', values }
  }
  const params = layout.params.entries
  const stats = layout.stats.entries
  return [
    { entries: params, prefix: '', values: theta },
    { entries: stats, prefix: '', values: batchStats },
    ...SLOTS.map(({ name, file }) => ({ entries: params, prefix: file, values: slots?.[name] })),
    { entries: params, prefix: PREFIXES.ema, values: ema?.theta },
    { entries: stats, prefix: PREFIXES.emaStats, values: ema?.batchStats },
    ofReplicas(REPLICA_STATS.now, replicaStats?.now),
    ofReplicas(REPLICA_STATS.ema, replicaStats?.ema),
  ].filter((part): part is WeightPart => part.values !== undefined)
}

/**
 * Which of the optional vectors a file's tensors speak of; their values are still to be filled. A vector longer than
 * all of the file's tensors together, which cannot be filled from it, is empty: the settings in a file may name layers
 * of any size, and nothing is allocated that the file does not account for.
 */
export function emptyVectors(
  layout: PartLayout,
  tensors: ReadonlyMap<string, Pick<NamedTensor, 'shape'>>,
): WeightVectors {
  const { params, stats } = layout
  const all = [...tensors.keys()]
  const elements = [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const vector = (size: number) => new Float32Array(size <= elements ? size : 0)
  // Of a matrix that does not fit one row is expected, which `fitWeights` then misses.
  const ofReplicas = (name: string) => {
    const shape = tensors.get(name)?.shape
    return shape && vector(stats.size * (shape.length === 2 && shape[1] === stats.size ? shape[0] : 1))
  }
  const now = ofReplicas(REPLICA_STATS.now)
  const has = (prefix: string) => all.some((name) => name.startsWith(prefix))
  const found = SLOTS.filter(({ file }) => has(file)).map(({ name }) => name)
  // An optimizer keeps all of its vectors or none: what a file lacks of them is missed.
  const kept = new Set([...found, ...ofOptimizer(found)])
  return {
    theta: vector(params.size),
    batchStats: vector(stats.size),
    ...(kept.size > 0 && {
      slots: Object.fromEntries([...kept].map((name) => [name, vector(params.size)])),
    }),
    ...(has(PREFIXES.ema) && {
      ema: { theta: vector(params.size), batchStats: vector(stats.size) },
    }),
    ...(now && { replicaStats: { now, ema: ofReplicas(REPLICA_STATS.ema) } }),
  }
}

/** All slots of the optimizer that keeps these, methods' slots apart. */
function ofOptimizer(names: readonly string[]): string[] {
  const own = names.filter((name) => OPTIMIZERS.some(({ slots }) => slots.some((slot) => slot.name === name)))
  return own.length > 0 ? (optimizerKeeping(own)?.slots.map(({ name }) => name) ?? []) : []
}
