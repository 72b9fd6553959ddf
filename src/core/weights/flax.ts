/**
 * The reference's checkpoints: a tree of Flax arrays to our named tensors and back, byte for byte.
 *     training    {optimizer: {target: {params}, state: {step, param_states: {params}}}, model_state, epoch}
 *     pretrained  {0: {params}, 1: statistics}, what fine-tuning starts from
 * With an average, model_state is {0: statistics, 1: {param_ema: {0: {params}, 1: statistics}, decay, warmup_steps}}.
 * Source: the reference's save_checkpoint; flax 0.2.2 (optim.Momentum, nn.BatchState).
 */
import { BasinError } from '../../base/errors'
import { type FlaxNode, type FlaxTree, isArray, readFlaxTree } from '../formats/flax/flaxReader'
import { type FlaxInput, writeFlaxTree } from '../formats/flax/flaxWriter'
import type { NamedTensor } from '../formats/tensorData'
import { byPath } from '../models/builder'
import { optimizerKeeping } from '../optim/optimizers'
import { type PartEntry, type PartLayout, PREFIXES, SLOTS, type WeightVectors } from './weightParts'

export interface FlaxCheckpoint {
  /** Under the names of weights.ts. The values are read from the file when asked for: keep the file's bytes. */
  tensors: Map<string, NamedTensor>
  /** Completed updates; 0 in a pretrained file. */
  step: number
  /** The epoch just finished, counted from 0; absent in a pretrained file. */
  epoch?: number
  average?: FlaxAverage
  /** Names of the optimizer's vectors in it. */
  slots: string[]
  /** Modules without parameters, which are empty maps in the file. */
  emptyModules: string[]
}

export interface FlaxAverage {
  decay: number
  warmupSteps: number
}

/** @throws BasinError `file-format` naming the path that is missing, unknown or no array */
export function decodeFlax(file: Uint8Array): FlaxCheckpoint {
  const top = readFlaxTree(file)
  const tensors: Tensors = new Map()
  if (top.has('0')) {
    const { 0: model, 1: state } = take(top, '', ['0', '1'])
    const emptyModules = takeParams(tensors, '', asTree(model, '0'), '0')
    takeStats(tensors, '', asTree(state, '1'), '1')
    return { tensors, step: 0, slots: [], emptyModules }
  }
  const { optimizer, model_state, epoch } = take(top, '', ['optimizer', 'model_state', 'epoch'])
  const { target, state } = take(asTree(optimizer, 'optimizer'), 'optimizer', ['target', 'state'])
  const emptyModules = takeParams(tensors, '', asTree(target, 'optimizer/target'), 'optimizer/target')
  const where = 'optimizer/state'
  const { step, param_states } = take(asTree(state, where), where, ['step', 'param_states'])
  takeOptimizer(tensors, asTree(param_states, `${where}/param_states`), `${where}/param_states`)
  const average = takeModelState(tensors, asTree(model_state, 'model_state'))
  return {
    tensors,
    step: wholeNumber(step, `${where}/step`),
    epoch: wholeNumber(epoch, 'epoch'),
    average,
    emptyModules,
    slots: FLAX_SLOTS.filter(({ file }) => [...tensors.keys()].some((name) => name.startsWith(file))).map(
      ({ name }) => name,
    ),
  }
}

type Tensors = Map<string, NamedTensor>

/** Exactly these entries. */
function take<K extends string>(tree: FlaxTree, path: string, keys: readonly K[]): Record<K, FlaxNode> {
  const missing = keys.find((key) => !tree.has(key))
  if (missing !== undefined) throw unexpected(join(path, missing), 'is missing')
  const extra = [...tree.keys()].find((key) => !keys.includes(key as K))
  if (extra !== undefined) throw unexpected(join(path, extra), `is not one of ${keys.join(', ')}`)
  return Object.fromEntries(tree) as Record<K, FlaxNode>
}

/** @returns paths of the modules without parameters */
function takeParams(tensors: Tensors, prefix: string, tree: FlaxTree, path: string): string[] {
  const { params } = take(tree, path, ['params'])
  const empty: string[] = []
  for (const [name, leaf] of leaves(asTree(params, `${path}/params`), [])) {
    if (leaf === undefined) empty.push(name)
    else put(tensors, prefix + name, leaf, `${path}/params/${name}`)
  }
  return empty
}

function takeStats(tensors: Tensors, prefix: string, tree: FlaxTree, path: string): void {
  for (const [module, stats] of tree) {
    const here = join(path, module)
    if (!module.startsWith('/')) throw unexpected(here, 'is no path with a leading slash')
    for (const [kind, leaf] of asTree(stats, here)) {
      if (kind !== 'mean' && kind !== 'var') throw unexpected(join(here, kind), 'is not mean or var')
      put(tensors, `${prefix}${module}:${kind}`, leaf, join(here, kind))
    }
  }
}

function takeOptimizer(tensors: Tensors, tree: FlaxTree, path: string): void {
  const { params } = take(tree, path, ['params'])
  for (const [name, leaf] of leaves(asTree(params, `${path}/params`), [])) {
    if (leaf === undefined) continue
    const cut = name.lastIndexOf('/')
    const slot = FLAX_SLOTS.find(({ flax }) => flax === name.slice(cut + 1))
    if (slot === undefined) {
      throw unexpected(`${path}/params/${name}`, `is not ${FLAX_SLOTS.map(({ flax }) => flax).join(' or ')}`)
    }
    put(tensors, slot.file + name.slice(0, cut), leaf, `${path}/params/${name}`)
  }
}

const FLAX_SLOTS = SLOTS.filter(({ flax }) => flax !== undefined)

function takeModelState(tensors: Tensors, tree: FlaxTree): FlaxAverage | undefined {
  const path = 'model_state'
  if (!tree.has('1')) {
    takeStats(tensors, '', tree, path)
    return undefined
  }
  const { 0: state, 1: ema } = take(tree, path, ['0', '1'])
  takeStats(tensors, '', asTree(state, `${path}/0`), `${path}/0`)
  const here = `${path}/1`
  const { param_ema, decay, warmup_steps } = take(asTree(ema, here), here, [
    'param_ema',
    'decay',
    'warmup_steps',
  ])
  const pair = take(asTree(param_ema, `${here}/param_ema`), `${here}/param_ema`, ['0', '1'])
  takeParams(tensors, PREFIXES.ema, asTree(pair[0], `${here}/param_ema/0`), `${here}/param_ema/0`)
  takeStats(tensors, PREFIXES.emaStats, asTree(pair[1], `${here}/param_ema/1`), `${here}/param_ema/1`)
  return { decay: number(decay, `${here}/decay`), warmupSteps: number(warmup_steps, `${here}/warmup_steps`) }
}

/** Slash-joined names of everything that is no map; an empty map, a module without parameters, has no value. */
function* leaves(tree: FlaxTree, above: readonly string[]): Generator<[string, FlaxNode | undefined]> {
  for (const [key, node] of tree) {
    const names = [...above, key]
    if (!(node instanceof Map)) yield [names.join('/'), node]
    else if (node.size === 0) yield [names.join('/'), undefined]
    else yield* leaves(node, names)
  }
}

function put(tensors: Tensors, name: string, node: FlaxNode, path: string): void {
  if (!isArray(node)) throw unexpected(path, 'is no array')
  if (tensors.has(name)) throw unexpected(path, 'stands twice')
  tensors.set(name, node)
}

function asTree(node: FlaxNode, path: string): FlaxTree {
  if (node instanceof Map) return node
  throw unexpected(path, 'is no map')
}

function number(node: FlaxNode, path: string): number {
  const value = isArray(node) && node.shape.length === 0 ? Number(node.data[0]) : node
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw unexpected(path, 'is no finite number')
}

function wholeNumber(node: FlaxNode, path: string): number {
  const value = number(node, path)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw unexpected(path, `is no count, got ${value}`)
}

const join = (path: string, key: string) => (path === '' ? key : `${path}/${key}`)

function unexpected(path: string, what: string): BasinError {
  const shown = path.length > 200 ? `…${path.slice(-200)}` : path
  return new BasinError(
    'file-format',
    `flax: ${shown} ${what}`,
    'Choose a checkpoint that the reference or Basin wrote: with optimizer, model_state and epoch, or with 0 and 1.',
  )
}

export interface FlaxContents {
  /** Sorted entries give sorted keys, as the reference's files have them. */
  layout: PartLayout
  /** Without slots, those of the first optimizer as they begin. */
  vectors: WeightVectors
  step: number
  /** The epoch just finished, counted from 0. */
  epoch: number
  /** Needed where the vectors have an average. */
  average?: FlaxAverage
}

/** The whole training state as the reference's `checkpoint_<epoch>`. */
export function encodeFlax({ layout, vectors, step, epoch, average }: FlaxContents): Uint8Array {
  const { theta, batchStats, ema } = vectors
  const { slots = {} } = vectors
  const names = FLAX_SLOTS.map(({ name }) => name).filter((name) => slots[name])
  const optimizer = optimizerKeeping(names)!
  const ofMethod = FLAX_SLOTS.filter((slot) => slots[slot.name] && !optimizer.slots.includes(slot))
  const kept = [...optimizer.slots, ...ofMethod].map(({ name, initial, flax }) => ({
    leaf: flax!,
    values: slots[name] ?? new Float32Array(theta.length).fill(initial),
  }))
  const states = nested(
    layout,
    (entry) => new Map(kept.map(({ leaf, values }) => [leaf, piece(entry, values)])),
  )
  const state = statistics(layout, batchStats)
  const modelState = ema
    ? map({
        0: state,
        1: map({
          param_ema: map({
            0: map({ params: parameters(layout, ema.theta) }),
            1: statistics(layout, ema.batchStats),
          }),
          decay: { shape: [], data: Float32Array.of(average?.decay ?? 0) },
          warmup_steps: { shape: [], data: Float32Array.of(average?.warmupSteps ?? 0) },
        }),
      })
    : state
  return writeFlaxTree(
    map({
      optimizer: map({
        target: map({ params: parameters(layout, theta) }),
        state: map({
          step: { shape: [], data: Int32Array.of(step) },
          param_states: map({ params: states }),
        }),
      }),
      model_state: modelState,
      epoch,
    }),
  )
}

/** Weights and statistics alone, as the reference's fine-tuning reads them. */
export function encodeFlaxPretrained(
  layout: PartLayout,
  { theta, batchStats }: Pick<WeightVectors, 'theta' | 'batchStats'>,
): Uint8Array {
  return writeFlaxTree(
    map({ 0: map({ params: parameters(layout, theta) }), 1: statistics(layout, batchStats) }),
  )
}

const map = (entries: Record<string, FlaxInput>): Map<string, FlaxInput> => new Map(Object.entries(entries))

const piece = ({ shape, offset, size }: PartEntry, values: Float32Array): FlaxInput => ({
  shape,
  data: values.subarray(offset, offset + size),
})

const parameters = (layout: PartLayout, theta: Float32Array) => nested(layout, (entry) => piece(entry, theta))

type Branch = Map<string, FlaxInput>

function nested({ params, emptyModules = [] }: PartLayout, leaf: (entry: PartEntry) => FlaxInput): Branch {
  const items: { name: string; value: () => FlaxInput }[] = params.entries.map((entry) => ({
    name: entry.name,
    value: () => leaf(entry),
  }))
  for (const name of emptyModules) items.push({ name, value: () => new Map() })
  if (emptyModules.length > 0) items.sort((a, b) => byPath(a.name, b.name))
  const root: Branch = new Map()
  for (const { name, value } of items) {
    const keys = name.split('/')
    const last = keys.pop()!
    let here = root
    for (const key of keys) {
      const next = (here.get(key) as Branch | undefined) ?? new Map()
      here.set(key, next)
      here = next
    }
    here.set(last, value())
  }
  return root
}

/** `/path:mean` … as {'/path': {mean, var}}, sorted by the path. */
function statistics({ stats }: PartLayout, values: Float32Array): Branch {
  const modules = new Map<string, Branch>()
  for (const entry of stats.entries) {
    const [module, kind] = entry.name.split(':')
    modules.set(module, (modules.get(module) ?? new Map()).set(kind, piece(entry, values)))
  }
  return new Map([...modules].sort(([a], [b]) => (a < b ? -1 : 1)))
}
