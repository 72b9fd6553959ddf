/** The record of a run that begins. */
import { sha256 } from '../../base/sha256'
import { VERSION } from '../../base/version'
import type { RunConfig } from '../config/schema'
import type { Dataset } from '../data/dataset'
import type { SessionRun } from '../session/sessionRun'
import { RUN_FORMAT, type RunData, type RunRecord } from './record'

/** What a record says that is not the run's own. */
export interface Circumstances {
  /** Absent: one like no other. */
  id?: string
  /** Of all runs that are trained together. */
  experiment: string
  /** Of the session. */
  session: RunConfig
  /** In words. */
  device: string
  parent?: { id: string; step: number }
}

export function newRecord(
  { key, label, config, lane, totalSteps, network, dataset, step }: SessionRun,
  { id = newId(), experiment, session, device, parent }: Circumstances,
): RunRecord {
  const now = new Date().toISOString()
  return {
    format: RUN_FORMAT,
    id,
    name: nameOf(id),
    notes: '',
    pinned: false,
    hidden: false,
    experiment,
    key,
    label,
    config,
    session,
    version: VERSION,
    device,
    created: now,
    updated: now,
    state: 'running',
    step,
    stepsPerEpoch: lane.stepsPerEpoch,
    totalSteps,
    numParams: network.params.size,
    data: dataOf(dataset),
    ...(parent && { parent }),
  }
}

export function dataOf({ train, test, classNames }: Dataset): RunData {
  return {
    numTrain: train.count,
    numTest: test.count,
    numClasses: classNames.length,
    classNames: [...classNames],
    numWrongLabels: train.wrong.reduce((sum, wrong) => sum + wrong, 0),
  }
}

/** SHA-256 of θ as little-endian floats, as its machine has them. @param theta [P] */
export function parametersSum(theta: Float32Array): Promise<string> {
  return sha256(new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength))
}

/** Unlike any other, also where the page is not served over https. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const FIRST =
  'amber bold calm clear crisp deep early fair fleet fresh gentle glad grand keen kind late light lucid mild neat noble open plain proud quick quiet rapid rare sharp silver slow small soft solid still swift tidy warm wide wild wise'.split(
    ' ',
  )
const SECOND =
  'basin bay beach bend bluff brook canyon cape cliff cove creek crest dale delta dune fen field fjord ford glen gorge grove gulf harbour hill hollow island knoll lagoon lake marsh meadow mesa moor peak plain pond reef ridge river shore slope spring summit valley'.split(
    ' ',
  )

/** Two words and a number, from the id: `quiet-harbour-42`. */
export function nameOf(id: string): string {
  const at = (from: number) => Number.parseInt(id.slice(from, from + 6), 16)
  return `${FIRST[at(0) % FIRST.length]}-${SECOND[at(6) % SECOND.length]}-${at(12) % 100}`
}
