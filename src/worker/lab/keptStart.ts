/** Kept runs on their way into a session: their settings, their newest checkpoints, what they have been through. */
import { BasinError } from '../../base/errors'
import { mayDiffer, runsText } from '../../core/config/runList'
import { FIELD_NAMES, type RunConfig } from '../../core/config/schema'
import { stepsAnEpoch } from '../../core/config/steps'
import type { Dataset } from '../../core/data/dataset'
import {
  type Checkpoint,
  keptCheckpoints,
  newestCheckpoint,
  readCheckpoint,
  toSnapshot,
} from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import type { RunRecord } from '../../core/library/record'
import { createNetwork } from '../../core/models/registry'
import type { RunFiles } from '../../core/ports'
import type { EvalMetrics, RunKey } from '../../core/runs/metrics'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import type { Session } from '../../core/session/session'
import type { RunSnapshot } from '../../core/session/sessionTypes'

export interface KeptStart {
  /** Of the session that is built for them. */
  config: RunConfig
  experiment: string
  /** By the keys that the runs have in that session. */
  documents: ReadonlyMap<RunKey, RunDocument>
  /** Where each goes on; a run without a checkpoint begins. */
  checkpoints: ReadonlyMap<RunKey, Checkpoint>
}

/**
 * Reads kept runs; changes nothing.
 * @param whole whether runs of their session that are not among them begin with them
 * @param note is told of checkpoints that were passed over
 * @throws BasinError `file-format`, `config` where they cannot be one session
 */
export async function readKept(
  files: RunFiles,
  ids: readonly string[],
  note: (line: string) => void,
  whole = false,
): Promise<KeptStart> {
  const opened = await Promise.all(ids.map((id) => openDocument(files, id)))
  const { config, specs } = sessionOf(
    opened.map(({ record }) => record),
    whole,
  )
  const documents = new Map(specs.map(({ key }, i) => [key, opened[i]]))
  const checkpoints = new Map<RunKey, Checkpoint>()
  for (const [key, { folder, record }] of documents) {
    const checkpoint = await newestCheckpoint(files, folder, record.config, note)
    if (checkpoint) checkpoints.set(key, checkpoint)
  }
  return { config, experiment: opened[0].record.experiment, documents, checkpoints }
}

/** Where each run goes on, on its data. @throws BasinError `tensor-mismatch` */
export function resumeFrom(
  { checkpoints, documents, config }: KeptStart,
  datasetOf: (spec: RunSpec) => Dataset,
): Record<RunKey, RunSnapshot> {
  const specs = runSpecs(config).filter(({ key }) => checkpoints.has(key))
  return Object.fromEntries(
    specs.map((spec) => {
      const { classNames, train } = datasetOf(spec)
      const network = createNetwork(spec.config, datasetOf(spec), classNames.length)
      const stepsPerEpoch = stepsAnEpoch(train.count, spec.config)
      const of = { config: spec.config, stepsPerEpoch }
      checkSameData(documents.get(spec.key)!.record, train.count)
      return [spec.key, toSnapshot(checkpoints.get(spec.key)!, network, of)]
    }),
  )
}

/** Gives the runs of a session what they have been through. Curves that may grow are cut to where they go on. */
export async function restorePast({ documents, checkpoints }: KeptStart, session: Session): Promise<void> {
  for (const [key, document] of documents) {
    const run = session.run(key)
    const { step, evaluatedAt } = run
    const goesOn = run.going && document.record.state !== 'diverged'
    const { lines, evaluations, edges } = goesOn
      ? await document.continueAt(step, evaluatedAt)
      : await document.curves(step)
    run.restore({
      rows: lines.map(({ row }) => row),
      evaluations,
      edges,
      finished: checkpoints.get(key)?.facts.finished ?? false,
      divergedAt: divergedAt(document.record),
    })
  }
}

/** A run of an earlier version says no more than that it diverged: after the step that it was saved at. */
const divergedAt = ({ state, divergedAt, step }: RunRecord): number | undefined =>
  state === 'diverged' ? (divergedAt ?? step + 1) : undefined

/**
 * The checkpoint of a run at a step.
 * @throws BasinError `config` naming the steps that there are
 */
export async function checkpointAt(
  files: RunFiles,
  id: string,
  step: number,
): Promise<{ record: RunRecord; checkpoint: Checkpoint; evaluation?: EvalMetrics }> {
  const { record, folder } = await openDocument(files, id)
  const known = await keptCheckpoints(files, folder, record.stepsPerEpoch)
  const found = known.find((one) => one.step === step)
  if (!found) {
    const steps = known.map((one) => one.step).join(', ') || 'none'
    throw new BasinError('config', `${record.name}: a kept checkpoint (${steps}), got step ${step}`)
  }
  const bytes = (await files.get(found.key)) ?? new Uint8Array()
  return { record, checkpoint: readCheckpoint(bytes, files.where(found.key), record.config) }
}

/** @throws BasinError `file-format` where there is no such run, `unsupported` where there are only its curves */
export async function openDocument(files: RunFiles, id: string): Promise<RunDocument> {
  const document = await RunDocument.open(files, `${id}/`)
  if (document?.record.curvesOnly) {
    const { name } = document.record
    throw new BasinError('unsupported', `${name}: a run with settings and weights, got curves alone`)
  }
  if (document) return document
  throw new BasinError('file-format', `${id}: a run that is kept here, got none`, 'It may have been deleted.')
}

/** One session of some kept runs: their own where they are all of it, else one that is made of them. */
function sessionOf(
  records: readonly RunRecord[],
  whole: boolean,
): { config: RunConfig; specs: readonly Pick<RunSpec, 'key'>[] } {
  const [first] = records
  const together = records.every(({ experiment }) => experiment === first.experiment)
  const all = runSpecs(first.session).map(({ key }) => key)
  const ofIt = together && records.every(({ key }) => all.includes(key))
  if (ofIt && (whole || records.length === all.length)) {
    return { config: first.session, specs: records }
  }
  const entries = records.map(({ label, config }) => ({
    label,
    changes: Object.fromEntries(
      FIELD_NAMES.filter((name) => mayDiffer(name) && !same(config, first.config, name)).map((name) => [
        name,
        config[name],
      ]),
    ),
  }))
  const config = { ...first.config, runs: runsText(entries) }
  const specs = runSpecs(config)
  if (specs.length < records.length) {
    throw new BasinError(
      'config',
      'these runs: settings of their own each, got some that are the same',
      'Open runs that are the same one by one.',
    )
  }
  return { config, specs }
}

const same = (a: RunConfig, b: RunConfig, name: keyof RunConfig) =>
  JSON.stringify(a[name]) === JSON.stringify(b[name])

/** A data set that was imported anew under its name may be another one. */
function checkSameData({ name, data }: RunRecord, numTrain: number): void {
  if (data.numTrain === numTrain) return
  throw new BasinError(
    'data-missing',
    `${name}: the data it was trained on, ${data.numTrain} training images, got ${numTrain}`,
    'Import the data set as it was.',
  )
}
