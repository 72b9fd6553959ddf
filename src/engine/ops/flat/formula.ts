/**
 * Formulas over flat vectors [P] (weights, gradients, optimizer state, directions): what happens to one value of each,
 * written once by whoever owns it. Naming one loads no tensors; `flat.ts` runs them.
 */
import { BasinError } from '../../../base/errors'
import { Value } from './expression'

/** What runs: a formula with the names of what it reads. */
export interface FlatProgram {
  /** Unique to the formula. */
  name: string
  vectors: readonly string[]
  /** Tensors of one element. */
  scalars: readonly string[]
  results: readonly Value[]
}

export interface Formula<V extends string = string, S extends string = string, R extends Made = Made>
  extends FlatProgram {
  vectors: readonly V[]
  scalars: readonly S[]
  /** The results as they were written: one, or some under names. */
  made: R
}

/** A result, or results under their names. */
export type Made = Value | Record<string, Value>

/** Every formula made so far, by name: what the tests of both forms go through. */
export const flatPrograms = new Map<string, FlatProgram>()

/**
 * @param write what happens to one value; its second argument is a number that may change from call to call
 */
export function formula<V extends string, R extends Made, S extends string = never>(
  { name, vectors, scalars = [] }: { name: string; vectors: readonly V[]; scalars?: readonly S[] },
  write: (inputs: Record<V | S, Value>, constant: Value) => R,
): Formula<V, S, R> {
  const leaves = [
    ...vectors.map((vector) => [vector, new Value({ kind: 'vector', name: vector })]),
    ...scalars.map((scalar) => [scalar, new Value({ kind: 'scalar', name: scalar })]),
  ]
  const made = write(Object.fromEntries(leaves), new Value({ kind: 'constant' }))
  const results = made instanceof Value ? [made] : Object.values(made)
  // The compiled pipeline goes by the name.
  if (flatPrograms.has(name)) throw new BasinError('internal', `flat program: one a name, got two of ${name}`)
  const program = { name, vectors, scalars, results, made }
  flatPrograms.set(name, program)
  return program
}
