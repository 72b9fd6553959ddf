/**
 * Runs formulas over flat vectors. One kernel each on WebGPU; tfjs ops elsewhere, and where a gradient is noted down,
 * because a kernel carries none.
 */
import * as tf from '../../tf'
import { canRun, runFused } from '../../tf/kernels'
import { Value } from './expression'
import { evaluate } from './forms'
import { type FlatProgram, type Formula, formula, type Made } from './formula'

export { number } from './expression'
export { type FlatProgram, flatPrograms } from './formula'

export const FLAT = 'BasinFlat'

/** New vectors, one for each result. */
export type Results<R> = R extends Value ? tf.Tensor1D : { [K in keyof R]: tf.Tensor1D }

type Inputs<V extends string, S extends string> = Record<V, tf.Tensor> & Record<S, tf.Tensor>

/**
 * @param inputs vectors of one length, and scalars on the device
 * @param constant what the formula calls so
 */
export function applyFormula<V extends string, S extends string, R extends Made>(
  what: Formula<V, S, R>,
  inputs: Inputs<V, S>,
  constant = 0,
): Results<R> {
  const { made } = what
  const outputs = runProgram(what, inputs, constant)
  if (made instanceof Value) return outputs[0] as Results<R>
  return Object.fromEntries(Object.keys(made).map((key, k) => [key, outputs[k]])) as Results<R>
}

/** A formula as a function, for those who have tensors anyway. */
export function flatProgram<V extends string, R extends Made, S extends string = never>(
  names: { name: string; vectors: readonly V[]; scalars?: readonly S[] },
  write: (inputs: Record<V | S, Value>, constant: Value) => R,
): (inputs: Inputs<V, S>, constant?: number) => Results<R> {
  const made = formula(names, write)
  return (inputs, constant) => applyFormula(made, inputs, constant)
}

function runProgram(program: FlatProgram, inputs: Record<string, tf.Tensor>, constant: number): tf.Tensor[] {
  if (tf.engine().isTapeOn() || !canRun(FLAT, ...Object.values(inputs))) {
    return evaluate(program.results, inputs, constant)
  }
  return runFused(FLAT, inputs, { program, constant })
}
