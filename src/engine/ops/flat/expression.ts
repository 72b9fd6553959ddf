/**
 * Arithmetic written once: what happens to one value of each vector, as a tree. `forms.ts` turns a tree into WGSL and
 * into tfjs ops, operation by operation in the order in which the tree was written.
 */

/** `plus`: a + b … A row here, one in each form, and one method of Value are all that an operation is. */
export type Operation = 'plus' | 'minus' | 'times' | 'over' | 'max' | 'sqrt' | 'sign' | 'abs'

export type Node =
  /** A value of each vector; or one value for all, from a tensor of one element. */
  | { kind: 'vector'; name: string }
  | { kind: 'scalar'; name: string }
  /** The number that a call brings. */
  | { kind: 'constant' }
  | { kind: 'number'; value: number }
  | { kind: 'call'; operation: Operation; operands: readonly Value[] }

type Operand = Value | number

/** A node and what can be made of it. A value that is used twice is computed once. */
export class Value {
  constructor(readonly node: Node) {}

  plus(other: Operand): Value {
    return call('plus', this, other)
  }

  minus(other: Operand): Value {
    return call('minus', this, other)
  }

  times(other: Operand): Value {
    return call('times', this, other)
  }

  over(other: Operand): Value {
    return call('over', this, other)
  }

  atLeast(other: Operand): Value {
    return call('max', this, other)
  }

  sqrt(): Value {
    return call('sqrt', this)
  }

  abs(): Value {
    return call('abs', this)
  }

  /** −1, 0 or 1. */
  sign(): Value {
    return call('sign', this)
  }
}

/** A number to begin with: `number(1).minus(d)`. */
export const number = (value: number): Value => new Value({ kind: 'number', value })

function call(operation: Operation, ...operands: Operand[]): Value {
  const values = operands.map((operand) => (typeof operand === 'number' ? number(operand) : operand))
  return new Value({ kind: 'call', operation, operands: values })
}

/** True where every value of a vector may have another: false for numbers, scalars and what is made of them. */
export function isVarying({ node }: Value): boolean {
  return node.kind === 'call' ? node.operands.some(isVarying) : node.kind === 'vector'
}

/** The operations that are used more than once, each after those it needs. */
export function sharedIn(results: readonly Value[]): Value[] {
  const uses = new Map<Value, number>()
  const visit = (value: Value) => {
    if (value.node.kind !== 'call') return
    const count = uses.get(value) ?? 0
    if (count === 0) value.node.operands.forEach(visit)
    // A map keeps the order of first entry, and operands have entered.
    uses.set(value, count + 1)
  }
  results.forEach(visit)
  return [...uses].flatMap(([value, count]) => (count > 1 ? [value] : []))
}
