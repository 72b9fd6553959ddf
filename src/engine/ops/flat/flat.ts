/**
 * Programs over flat vectors [P] (weights, gradients, optimizer state, directions): a formula for one value of each,
 * written once by whoever owns it. One kernel each on WebGPU; tfjs ops elsewhere, and inside a gradient, because a
 * kernel carries none.
 */
import { BasinError } from '../../../base/errors'
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'
import { Value } from './expression'
import { evaluate } from './forms'

export { number } from './expression'

export const FLAT = 'BasinFlat'

/** A formula with the names of what it reads. */
export interface FlatProgram {
  /** Unique to the formula. */
  name: string
  vectors: readonly string[]
  /** Tensors of one element. */
  scalars: readonly string[]
  results: readonly Value[]
}

type Formula<V extends string, R> = (inputs: Record<V, Value>, constant: Value) => R
type Results<R> = R extends Value ? tf.Tensor1D : { [K in keyof R]: tf.Tensor1D }

/** Every program made so far, by name: what the tests of both forms go through. */
export const flatPrograms = new Map<string, FlatProgram>()

/**
 * Makes a function of vectors of one length and of scalars on the device.
 * @param formula what happens to one value; its second argument is a number that may change from call to call
 * @returns the formula's result, or its results under their names, as new vectors
 */
export function flatProgram<
  V extends string,
  R extends Value | Record<string, Value>,
  S extends string = never,
>(
  { name, vectors, scalars = [] }: { name: string; vectors: readonly V[]; scalars?: readonly S[] },
  formula: Formula<V | S, R>,
): (inputs: Record<V, tf.Tensor> & Record<S, tf.Tensor>, constant?: number) => Results<R> {
  const leaves = [
    ...vectors.map((vector) => [vector, new Value({ kind: 'vector', name: vector })]),
    ...scalars.map((scalar) => [scalar, new Value({ kind: 'scalar', name: scalar })]),
  ]
  const made = formula(Object.fromEntries(leaves), new Value({ kind: 'constant' }))
  const names = made instanceof Value ? undefined : Object.keys(made)
  const results = made instanceof Value ? [made] : Object.values(made)
  const program: FlatProgram = { name, vectors, scalars, results }
  // The compiled pipeline goes by the name.
  if (flatPrograms.has(name)) throw new BasinError('internal', `flat program: one a name, got two of ${name}`)
  flatPrograms.set(name, program)
  return (inputs, constant = 0) => {
    const outputs = runProgram(program, inputs, constant)
    const named = names ? Object.fromEntries(names.map((key, k) => [key, outputs[k]])) : outputs[0]
    return named as Results<R>
  }
}

function runProgram(program: FlatProgram, inputs: Record<string, tf.Tensor>, constant: number): tf.Tensor[] {
  if (tf.engine().state.gradientDepth > 0 || !canFuse(FLAT, ...Object.values(inputs))) {
    return evaluate(program.results, inputs, constant)
  }
  return runFused(FLAT, inputs, { program, constant })
}
