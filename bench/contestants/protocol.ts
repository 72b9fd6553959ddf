/** What a contestant answers, in whatever process, page or language it lives. */
import type { RunConfig } from '../../src/core/config/schema'
import type { WorkloadHead } from '../workload'

export interface Job {
  /** Its name from here on. */
  id: string
  /** Where to fetch the workload: `.json` and `.bin`. */
  workload: string
  /** 0: SGD. */
  rho: number
  /** Of Basin alone: settings that its peers do not have. */
  changes?: Partial<RunConfig>
}

export interface Built {
  /** From nothing to the result of the first step: layout, upload, compilation, step. */
  firstStepMs: number
  /** Of the first step, at the weights that all contestants share. */
  loss: number
}

export interface Facts {
  /** A step; undefined where there is no GPU to dispatch to. */
  dispatches?: number
  /** JavaScript of one step before it waits for the device; min of several. */
  jsMs?: number
}

export interface ContestantApi {
  /** @returns the adapter's name */
  open(): Promise<string>
  build(job: Job): Promise<Built>
  run(id: string, minMs: number): Promise<{ steps: number; ms: number }>
  facts(id: string): Promise<Facts>
  drop(id: string): Promise<void>
}

/** The numbers of a workload as a contestant sees them. */
export interface Numbers {
  head: WorkloadHead
  theta: Float32Array
  images: Uint8Array
  labels: Uint8Array
}
