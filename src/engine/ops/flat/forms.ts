/** The two forms of a flat program: WGSL, one dispatch for all of it, and tfjs ops, which can be differentiated. */

import * as tf from '../../tf'
import { floatType, type Lanes } from '../shared/program'
import { isVarying, type Operation, sharedIn, type Value } from './expression'

interface Forms {
  wgsl(...operands: string[]): string
  tfjs(...operands: (tf.Tensor | number)[]): tf.Tensor
  /** Of numbers alone: tfjs' ops are given what the host computes of them. */
  host(...operands: number[]): number
}

const FORMS: Record<Operation, Forms> = {
  plus: { wgsl: (a, b) => `(${a} + ${b})`, tfjs: tf.add, host: (a, b) => a + b },
  minus: { wgsl: (a, b) => `(${a} - ${b})`, tfjs: tf.sub, host: (a, b) => a - b },
  times: { wgsl: (a, b) => `(${a} * ${b})`, tfjs: tf.mul, host: (a, b) => a * b },
  over: { wgsl: (a, b) => `(${a} / ${b})`, tfjs: tf.div, host: (a, b) => a / b },
  max: { wgsl: (a, b) => `max(${a}, ${b})`, tfjs: tf.maximum, host: Math.max },
  sqrt: { wgsl: (a) => `sqrt(${a})`, tfjs: tf.sqrt, host: Math.sqrt },
  sign: { wgsl: (a) => `sign(${a})`, tfjs: tf.sign, host: Math.sign },
  abs: { wgsl: (a) => `abs(${a})`, tfjs: tf.abs, host: Math.abs },
}

/** What a program's text calls the array behind an input, and behind an output. No word of WGSL ends in a dash. */
export const arrayName = (input: string) => `${input}_`
export const outputName = (output: number) => (output === 0 ? 'result' : `result${output}`)
/** What it calls the one value of a scalar. */
export const valueName = (scalar: string) => `${scalar}_0`

/** The lines that compute value (or quad) `i` of every output; scalars and `constant` are floats in their scope. */
export function wgslOf(results: readonly Value[], lanes: Lanes): string {
  const names = new Map<Value, string>()
  const text = (value: Value): string => names.get(value) ?? own(value)
  const own = ({ node }: Value): string => {
    if (node.kind === 'vector') return `${arrayName(node.name)}[i]`
    if (node.kind === 'scalar') return valueName(node.name)
    if (node.kind === 'constant') return 'constant'
    if (node.kind === 'number') return Number.isInteger(node.value) ? node.value.toFixed(1) : `${node.value}`
    const { operation, operands } = node
    // Operators take a quad and a float; functions want both alike.
    const mixed = operation === 'max' && operands.some(isVarying)
    const texts = operands.map((operand) =>
      mixed && !isVarying(operand) ? `${floatType(lanes)}(${text(operand)})` : text(operand),
    )
    return FORMS[operation].wgsl(...texts)
  }
  const lets = sharedIn(results).map((value, k) => {
    const line = `let t${k} = ${text(value)};`
    names.set(value, `t${k}`)
    return line
  })
  const stores = results.map((value, k) => `${outputName(k)}[i] = ${text(value)};`)
  return [...lets, ...stores].join('\n    ')
}

/** The same by tfjs, inside a gradient too; the results are the caller's. */
export function evaluate(
  results: readonly Value[],
  inputs: Readonly<Record<string, tf.Tensor>>,
  constant: number,
): tf.Tensor[] {
  const done = new Map<Value, tf.Tensor | number>()
  const evaluated = (value: Value): tf.Tensor | number => {
    const known = done.get(value)
    if (known !== undefined) return known
    const result = compute(value)
    done.set(value, result)
    return result
  }
  const compute = ({ node }: Value): tf.Tensor | number => {
    if (node.kind === 'constant') return constant
    if (node.kind === 'number') return node.value
    if (node.kind !== 'call') return inputs[node.name]
    const operands = node.operands.map(evaluated)
    const { tfjs, host } = FORMS[node.operation]
    return operands.every((operand) => typeof operand === 'number') ? host(...operands) : tfjs(...operands)
  }
  return tf.tidy(() =>
    results.map((value) => {
      const result = evaluated(value) as tf.Tensor
      return value.node.kind === 'call' ? result : tf.clone(result)
    }),
  )
}
