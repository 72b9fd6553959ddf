/**
 * Kernel choice by measurement: the shapes that a computation meets are noted while it is recorded (`record` of a
 * captured function, which computes nothing), then their candidates are timed before its first run.
 *
 * On adapters that run on the CPU it is off unless asked for: there every candidate takes seconds to compile (tens of
 * seconds on lavapipe), more than the choice would bring to a short run, and the rules were measured on these very
 * adapters. `off` is for the same bits on several machines of one kind, whatever was timed on them.
 */

import { dropRecordings } from '../capture/capture'
import { adapterWords, factsOf } from '../device/adapter'
import { webGpuParts } from '../tf/backendParts'
import { choicesOf } from './choices'
import { timeCandidates } from './timing'

/** auto: on GPUs; on: on adapters that run on the CPU too. */
export const TUNE_MODES = ['auto', 'on', 'off'] as const
export type TuneMode = (typeof TUNE_MODES)[number]

/** Where decisions are kept: a store of bytes by key. Nothing depends on it: what fails is measured again. */
export interface ChoiceStore {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, bytes: Uint8Array): Promise<void>
}

export interface TuningOptions {
  mode: TuneMode
  store: ChoiceStore
  /** The program around us, whose compiler counts: the browser's user agent, Node's and Dawn's version. */
  runtime: string
}

/** Raise it when a kernel's text changes: what was timed is no longer what would run. */
const KERNEL_SET = 1

/** No further shape is begun after so long; what is left stays with the rule and is timed in another session. */
const BUDGET_MS = { gpu: 15_000, cpu: 120_000 }

/** What the rule says stands against less gain than that: times of the same kernel differ by as much. */
const ENOUGH = 0.95

let current: { device: GPUDevice; key: string; store: ChoiceStore } | undefined

/** Turns tuning on or off for the current backend, and takes what was stored for its adapter. */
export async function startTuning({ mode, store, runtime }: TuningOptions): Promise<void> {
  current = undefined
  const parts = webGpuParts()
  if (!parts) return
  const { device } = parts
  const active = mode === 'on' || (mode === 'auto' && !factsOf(device).isCpu)
  const key = storageKey(device.adapterInfo, runtime)
  choicesOf(device).restart(active, active ? await readDecisions(store, key) : {})
  dropRecordings()
  if (active) current = { device, key, store }
}

/** Whether shapes have to be made known before they are computed with. */
export function isTuning(): boolean {
  return current !== undefined && webGpuParts()?.device === current.device
}

export interface TuneWatch {
  /** Shapes done and found; called before each. */
  onProgress?(done: number, total: number): void
  /** Asked before every shape; true leaves the rest for another time. */
  interrupted?(): boolean
}

/**
 * Decides for every shape noted so far, and drops recordings made with other kernels than are chosen now.
 * @param record makes the shapes known; it is not called when tuning is off
 * @throws BasinError `device` when the device is lost
 */
export async function tune(record: () => void, { onProgress, interrupted }: TuneWatch = {}): Promise<void> {
  const parts = webGpuParts()
  if (!isTuning() || !parts) return
  record()
  const { device, key, store } = current!
  const choices = choicesOf(device)
  const { noted } = choices
  if (noted.length === 0) return
  const deadline = performance.now() + BUDGET_MS[factsOf(device).isCpu ? 'cpu' : 'gpu']
  let changed = false
  for (const [i, shape] of noted.entries()) {
    if (interrupted?.() || performance.now() > deadline) break
    onProgress?.(i, noted.length)
    const times = await timeCandidates(parts, shape)
    const best = times.indexOf(Math.min(...times))
    const winner = times[best] < ENOUGH * times[0] ? best : 0
    changed = choices.decide(shape, shape.candidates[winner].name) || changed
  }
  onProgress?.(noted.length, noted.length)
  if (changed) dropRecordings()
  await store
    .put(key, new TextEncoder().encode(JSON.stringify(choices.decisions, undefined, 1)))
    .catch(() => {})
}

/** `kernels/<set>-<hash>.json`: adapter and compiler, as one short name. */
function storageKey(info: GPUAdapterInfo, runtime: string): string {
  return `kernels/${KERNEL_SET}-${hash([...adapterWords(info), runtime].join('|'))}.json`
}

/** FNV-1a over UTF-16 units, 2 × 32 bits with different seeds: a name, not a secret. */
function hash(text: string): string {
  return [0x811c9dc5, 0x01000193]
    .map((seed) => {
      let h = seed
      for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
      return (h >>> 0).toString(16).padStart(8, '0')
    })
    .join('')
}

async function readDecisions(store: ChoiceStore, key: string): Promise<Record<string, string>> {
  try {
    const bytes = await store.get(key)
    const read: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes))
    if (typeof read !== 'object' || read === null) return {}
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  } catch {
    return {}
  }
}
