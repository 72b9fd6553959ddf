/**
 * An operation that several kernels can do, and how one is found for a shape: a rule that knows the kind of adapter,
 * or, where tuning is on, the fastest of those that were timed (tune.ts).
 */
import type { AdapterFacts } from '../device/adapter'
import type * as tf from '../tf'
import type { KernelArgs } from '../tf/kernels'

/** One call: tfjs' arguments, what the operation read out of them, and the kernel that tfjs itself has. */
export interface Request<C> {
  args: KernelArgs
  call: C
  stock: tf.KernelFunc
}

/** One way to do an operation. */
export interface Candidate<C> {
  /** Unique among the operation's; what is stored. */
  name: string
  /** Whether it is worth timing for this call on this adapter. What the rule names need not be. */
  applies(call: C, adapter: AdapterFacts): boolean
  run(request: Request<C>): tf.TensorInfo
}

export interface Operation<C> {
  /** The kernel of tfjs in whose place it stands. */
  name: string
  /** The call's sizes; undefined when tfjs' own kernel must take it. */
  read(args: KernelArgs): C | undefined
  /** Two calls with the same text cost the same. */
  key(call: C): string
  candidates: readonly Candidate<C>[]
  /** The candidate that is taken where nothing was timed. */
  rule(call: C, adapter: AdapterFacts): Candidate<C>
}
