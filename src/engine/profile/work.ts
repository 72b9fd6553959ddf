/**
 * What each compiled pipeline is for: a name a person can read, and how many multiplications and additions a dispatch
 * of a given size does. Noted where programs are run, once per pipeline and size, so that a recording that is
 * replayed later (and runs no program) can still say what its dispatches were.
 */
import type { Program } from '../tf/programs'

export type Workgroups = readonly [number, number, number]

interface Work {
  name: string
  /** Floating-point operations by workgroup counts: the sum over the programs seen, and how many they were. */
  seen: Map<string, { flops: number; programs: number }>
}

const works = new WeakMap<GPUComputePipeline, Work>()

/** Says what dispatches of a pipeline do. @param flops multiplications and additions of one such dispatch */
export function noteWork(
  pipeline: GPUComputePipeline,
  name: string,
  workgroups: Workgroups,
  flops?: number,
): void {
  let work = works.get(pipeline)
  if (!work) {
    work = { name, seen: new Map() }
    works.set(pipeline, work)
  }
  if (flops === undefined) return
  const key = workgroups.join()
  const seen = work.seen.get(key) ?? { flops: 0, programs: 0 }
  // Layers of different shape may share pipeline and size: their mean keeps the sum over a step right.
  work.seen.set(key, { flops: seen.flops + flops, programs: seen.programs + 1 })
}

/** What is known of a dispatch. */
export function workOf(
  pipeline: GPUComputePipeline,
  workgroups: Workgroups,
): { name: string; flops: number | undefined } {
  const work = works.get(pipeline)
  const seen = work?.seen.get(workgroups.join())
  return { name: work?.name ?? (pipeline.label || 'unnamed'), flops: seen && seen.flops / seen.programs }
}

/** Notes a program that was run; `name` as `watchPrograms` gives it. */
export function noteProgram(
  { pipeline, dispatch, flops }: Program,
  name: string,
  inputs: readonly Sized[],
  output: Sized,
): void {
  if (!pipeline || pipeline instanceof Promise) return
  const workgroups = [dispatch[0], dispatch[1] ?? 1, dispatch[2] ?? 1] as const
  noteWork(pipeline, name, workgroups, flops ?? stockFlops(name, inputs, output))
}

interface Sized {
  shape: readonly number[]
}

const sizeOf = ({ shape }: Sized) => shape.reduce((a, b) => a * b, 1)

/** Two operations a multiply-add, of tfjs' own convolutions and matrix products; undefined for all else. */
export function stockFlops(name: string, inputs: readonly Sized[], output: Sized): number | undefined {
  const [a, b] = inputs
  // Per result pixel and channel of the forward convolution: one multiply-add a weight of that channel.
  const convolution = (result: Sized, filter: Sized) =>
    (2 * sizeOf(result) * sizeOf(filter)) / (filter.shape.at(-1) || 1)
  if (/^conv2DDerFilter/.test(name)) return convolution(b, output)
  if (/^conv2DDerInput/.test(name)) return convolution(a, b)
  if (/^(conv2DMM|conv2dnaive)/.test(name)) return convolution(output, b)
  if (/^matMul/.test(name)) {
    const rows = output.shape.slice(0, -1).reduce((x, y) => x * y, 1)
    return rows > 0 ? (2 * sizeOf(output) * sizeOf(a)) / rows : undefined
  }
  return undefined
}
