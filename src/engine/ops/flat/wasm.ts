/** A flat program as a list of steps that one kernel walks through, block by block (wasm/assembly/flat.ts). */
import type * as tf from '../../tf'
import { bits } from '../../wasm/machine'
import { sizeOf, type WasmBackend } from '../shared/onWasm'
import { sharedIn, type Value } from './expression'
import type { FlatProgram } from './formula'

/** In the order of `step4`. The last two are a ± b·c, in one step and rounded as two. */
const OPERATIONS = ['plus', 'minus', 'times', 'over', 'max', 'sqrt', 'sign', 'abs', 'plusTimes', 'minusTimes']
/** Values of a block. */
const BLOCK = 1024

/** Where everything of a formula lies: slots of what it reads, then of its steps in an order that can be computed. */
interface Steps {
  slots: number
  vectors: [slot: number, name: string][]
  scalars: [slot: number, name: string][]
  /** NaN stands for the call's constant. */
  numbers: [slot: number, value: number][]
  steps: number[][]
  results: { slot: number; inPlace: boolean }[]
}

const known = new WeakMap<FlatProgram, Steps>()

function stepsOf(program: FlatProgram): Steps {
  let found = known.get(program)
  if (!found) {
    found = compile(program)
    known.set(program, found)
  }
  return found
}

function compile({ results }: FlatProgram): Steps {
  const shared = new Set(sharedIn(results))
  const slots = new Map<string | Value, number>()
  const made: Steps = { slots: 0, vectors: [], scalars: [], numbers: [], steps: [], results: [] }
  const leaf = <T>(key: string, list: [number, T][], value: T): number => {
    const slot = slots.get(key) ?? made.slots++
    if (!slots.has(key)) list.push([slot, value])
    slots.set(key, slot)
    return slot
  }
  const slotOf = (value: Value): number => {
    const { node } = value
    if (node.kind === 'vector') return leaf(`vector ${node.name}`, made.vectors, node.name)
    if (node.kind === 'scalar') return leaf(`scalar ${node.name}`, made.scalars, node.name)
    if (node.kind === 'constant') return leaf('constant', made.numbers, Number.NaN)
    if (node.kind === 'number') return leaf(`number ${node.value}`, made.numbers, node.value)
    const known = slots.get(value)
    if (known !== undefined) return known
    const { operation, operands } = withProduct(value, shared) ?? node
    const [a, b = a, c = b] = operands.map(slotOf)
    const slot = made.slots++
    slots.set(value, slot)
    made.steps.push([OPERATIONS.indexOf(operation), slot, a, b, c])
    return slot
  }
  // What a step makes lies where it is wanted, once.
  const placed = new Set<number>()
  for (const result of results) {
    const slot = slotOf(result)
    made.results.push({ slot, inPlace: result.node.kind === 'call' && !placed.has(slot) })
    placed.add(slot)
  }
  return made
}

/** What adds a product that nobody else needs, or takes it away, as one step of three operands; undefined for others. */
function withProduct({ node }: Value, shared: ReadonlySet<Value>) {
  if (node.kind !== 'call' || (node.operation !== 'plus' && node.operation !== 'minus')) return undefined
  const [first, second] = node.operands
  const factorsOf = (value: Value) =>
    value.node.kind === 'call' && value.node.operation === 'times' && !shared.has(value)
      ? value.node.operands
      : undefined
  const factors = factorsOf(second)
  if (factors) return { operation: `${node.operation}Times`, operands: [first, ...factors] }
  const others = node.operation === 'plus' ? factorsOf(first) : undefined
  return others && { operation: 'plusTimes', operands: [second, ...others] }
}

export function runFlatProgram(
  backend: WasmBackend,
  program: FlatProgram,
  inputs: Record<string, tf.TensorInfo>,
  constant: number,
): tf.TensorInfo[] {
  const { machine } = backend
  const { slots, vectors, scalars, numbers, steps, results } = stepsOf(program)
  const { shape } = inputs[program.vectors[0]]
  const size = sizeOf(shape)
  const outputs = results.map(() => backend.output(shape))
  const scratch = machine.scratch(8 * slots + 16 + 4 * BLOCK * slots)
  const place = ([slot, name]: [number, string]) => [slot, backend.addressOf(inputs[name])]
  const reads = vectors.map(place)
  const params = [
    ...[size, scratch.at, scratch.each, slots, vectors.length, scalars.length, numbers.length],
    ...[steps.length, results.length],
    ...reads.flat(),
    ...scalars.flatMap(place),
    ...numbers.flatMap(([slot, value]) => [slot, bits(Number.isNaN(value) ? constant : value)]),
    ...steps.flat(),
    ...results.flatMap(({ slot, inPlace }, k) => [slot, outputs[k].address, Number(inPlace)]),
  ]
  const work = (size * (steps.length + results.length)) / 2
  // A single result is made by the last step, when all else has been read.
  const inPlace = { reads: reads.map(([, address]) => address), makes: outputs[0].address }
  machine.run('flat', params, Math.ceil(size / BLOCK), work, results.length === 1 ? inPlace : undefined)
  machine.give(scratch.at)
  return outputs.map(({ info }) => info)
}
