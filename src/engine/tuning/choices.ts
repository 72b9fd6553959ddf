/** Which kernel is taken for which shape on one device, and the shapes that nothing is known of yet. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { type AdapterFacts, factsOf } from '../device/adapter'
import type * as tf from '../tf'
import type { Kernel, KernelArgs, Kernels } from '../tf/kernels'
import type { Candidate, Operation, Request } from './operation'

/** A shape that was met, with what is needed to run its candidates on other tensors. */
export interface PendingShape {
  key: string
  operation: Operation<unknown>
  stock: tf.KernelFunc
  attrs: KernelArgs['attrs']
  inputs: Record<string, { shape: number[]; dtype: tf.DataType }>
  /** Worth timing, the rule's own among them. */
  candidates: readonly Candidate<unknown>[]
}

export class KernelChoices {
  /** Off: the rule decides, and nothing is noted. */
  active = false
  readonly #decided = new Map<string, string>()
  readonly #noted = new Map<string, PendingShape>()

  /** The kernel for this call: what was decided for its shape, else what the rule says. */
  pick<C>(operation: Operation<C>, request: Request<C>, adapter: AdapterFacts): Candidate<C> {
    const { call } = request
    const rule = operation.rule(call, adapter)
    if (!this.active) return rule
    const key = `${operation.name} ${operation.key(call)}`
    const name = this.#decided.get(key)
    if (name !== undefined) {
      // A stored name may be of a kernel that is no more, or that this adapter no longer allows.
      const decided = operation.candidates.find((candidate) => candidate.name === name)
      if (decided && (decided === rule || decided.applies(call, adapter))) return decided
      this.#decided.delete(key)
    }
    if (!this.#noted.has(key)) this.#note(key, operation, request, rule, adapter)
    return rule
  }

  /** Shapes that were met and wait for a decision. */
  get noted(): readonly PendingShape[] {
    return [...this.#noted.values()]
  }

  /** @returns whether another kernel than the rule's was chosen, so that what was recorded is out of date */
  decide({ key, candidates: [rule] }: PendingShape, name: string): boolean {
    this.#noted.delete(key)
    this.#decided.set(key, name)
    return name !== rule.name
  }

  get decisions(): Record<string, string> {
    return Object.fromEntries([...this.#decided].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Forgets everything and takes these decisions. */
  restart(active: boolean, decisions: Record<string, string> = {}): void {
    this.active = active
    this.#noted.clear()
    this.#decided.clear()
    for (const [key, name] of Object.entries(decisions)) this.#decided.set(key, name)
  }

  #note<C>(
    key: string,
    operation: Operation<C>,
    { args, call, stock }: Request<C>,
    rule: Candidate<C>,
    adapter: AdapterFacts,
  ): void {
    const others = operation.candidates.filter(
      (candidate) => candidate !== rule && candidate.applies(call, adapter),
    )
    if (others.length === 0) {
      this.#decided.set(key, rule.name)
      return
    }
    const named = Object.entries(args.inputs as Record<string, tf.TensorInfo>)
    this.#noted.set(key, {
      key,
      operation: operation as Operation<unknown>,
      stock,
      attrs: args.attrs,
      inputs: Object.fromEntries(named.map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
      candidates: [rule, ...others] as Candidate<unknown>[],
    })
  }
}

const choices = new WeakMap<GPUDevice, KernelChoices>()

export function choicesOf(device: GPUDevice): KernelChoices {
  let known = choices.get(device)
  if (!known) {
    known = new KernelChoices()
    choices.set(device, known)
  }
  return known
}

/** The operations as kernels: each call goes to the candidate that is taken for its shape. */
export function chosen<C>(operations: readonly Operation<C>[]): Kernels {
  return Object.fromEntries(operations.map((operation) => [operation.name, chooser(operation)]))
}

function chooser<C>(operation: Operation<C>): Kernel {
  return (args, stock) => {
    const call = operation.read(args)
    if (!call) return undefined
    const { device } = args.backend as WebGPUBackend
    const request = { args, call, stock }
    return choicesOf(device).pick(operation, request, factsOf(device)).run(request)
  }
}
